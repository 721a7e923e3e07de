//! What follows from the settings and is asked for at every message.

use std::sync::Arc;

use crate::sim::dist::Dist;
use crate::sim::time::Span;

use super::settings::Declarations;

/// Worked out at every change of a setting.
#[derive(Clone, Debug)]
pub(super) struct Derived {
    /// How long a worker takes for a request, for each of the sizes.
    work: Vec<Arc<Dist>>,
    /// How long a worker of the database takes for a query.
    pub db_work: Arc<Dist>,
    /// The mean of it.
    pub db_mean: Span,
    /// The bytes of a page on its way to a user.
    pub wire_page: u32,
}

impl Derived {
    pub(super) fn of(settings: &Declarations) -> Derived {
        let whole = work(settings);
        let work = settings.sizes.all().iter().map(|size| faster(&whole, *size)).collect();
        let db_work = faster(&settings.db_service, settings.db_size);
        let db_mean = db_work.mean().unwrap_or_default();
        Derived { work, db_work, db_mean, wire_page: wire_page(settings) }
    }

    /// How long the server in this place takes.
    pub(super) fn work(&self, at: usize) -> &Arc<Dist> {
        &self.work[at % self.work.len()]
    }
}

/// The work of the smallest machine: the page, and to compress it.
fn work(settings: &Declarations) -> Arc<Dist> {
    if settings.compression <= 1 || *settings.compress_service == Dist::Const(Span::ZERO) {
        return settings.service.clone();
    }
    Arc::new(Dist::Sum(vec![(*settings.service).clone(), (*settings.compress_service).clone()]))
}

fn faster(dist: &Arc<Dist>, size: u32) -> Arc<Dist> {
    if size == 1 { dist.clone() } else { Arc::new(dist.scaled(1.0 / f64::from(size))) }
}

/// Only text gets smaller.
fn wire_page(settings: &Declarations) -> u32 {
    let left = 1.0 - settings.text + settings.text / f64::from(settings.compression);
    libm::round(f64::from(settings.page) * left) as u32
}
