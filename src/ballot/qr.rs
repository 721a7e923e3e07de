//! The code for a phone's camera, in half blocks: two modules in a cell.

use qrcode::{Color, EcLevel, QrCode};

/// The quiet zone around it, in modules, that ISO/IEC 18004 asks for.
const QUIET: usize = 4;

/// A QR code with its quiet zone: rows of modules, true where one is dark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qr {
    rows: Vec<Vec<bool>>,
}

impl Qr {
    /// The code of a text; `None`: it is too long for one. Capital letters, digits and `:/.-` need the least room.
    pub fn of(text: &str) -> Option<Qr> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let (width, modules) = (code.width(), code.to_colors());
        let side = width + 2 * QUIET;
        let inside = |at: usize| (QUIET..QUIET + width).contains(&at).then(|| at - QUIET);
        let is_dark = |row: usize, column: usize| {
            inside(row).zip(inside(column)).is_some_and(|(row, column)| modules[row * width + column] == Color::Dark)
        };
        Some(Qr { rows: (0..side).map(|row| (0..side).map(|column| is_dark(row, column)).collect()).collect() })
    }

    /// How many columns a drawing takes in which a module is `scale` cells wide.
    pub fn columns(&self, scale: usize) -> usize {
        self.rows.len() * scale
    }

    /// How many rows it takes; a module is half as high as it is wide, in cells.
    pub fn lines(&self, scale: usize) -> usize {
        (self.rows.len() * scale).div_ceil(2)
    }

    /// The upper and the lower half of a cell: true where it is dark. Beyond the code everything is light.
    pub fn cell(&self, scale: usize, line: usize, column: usize) -> (bool, bool) {
        let is_dark = |half: usize| self.rows.get(half / scale).and_then(|row| row.get(column / scale)).copied().unwrap_or(false);
        (is_dark(2 * line), is_dark(2 * line + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::Qr;

    /// What a camera reads that sees the cells, each 4 by 8 dots.
    fn read(qr: &Qr, scale: usize) -> String {
        let (wide, high) = (qr.columns(scale) * 4, qr.lines(scale) * 8);
        let dot = |x: usize, y: usize| {
            let (upper, lower) = qr.cell(scale, y / 8, x / 4);
            if if y % 8 < 4 { upper } else { lower } { 0 } else { 255 }
        };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(wide, high, dot);
        let codes = image.detect_grids();
        assert_eq!(codes.len(), 1);
        codes[0].decode().unwrap().1
    }

    #[test]
    fn a_camera_reads_what_was_written() {
        for address in ["HTTP://10.0.0.1:8460/BDFGH", "HTTP://192.168.100.200:65535/XZWVT", "http://[fd00:1234:5678::1]:8460/BDFGH"] {
            for scale in 1..=3 {
                assert_eq!(read(&Qr::of(address).unwrap(), scale), address);
            }
        }
    }

    #[test]
    fn the_longest_address_of_a_local_network_fits_beside_the_question() {
        let qr = Qr::of("HTTP://192.168.100.200:65535/XZWVT").unwrap();
        assert_eq!((qr.columns(1), qr.lines(1)), (33, 17));
        assert_eq!(Qr::of(&"X".repeat(10_000)), None);
    }

    #[test]
    fn the_quiet_zone_is_four_modules_on_every_side() {
        let qr = Qr::of("HTTP://10.0.0.1:8460/BDFGH").unwrap();
        let side = qr.columns(1);
        let is_dark =
            |row: usize, column: usize| if row.is_multiple_of(2) { qr.cell(1, row / 2, column).0 } else { qr.cell(1, row / 2, column).1 };
        for at in 0..side {
            for edge in [0, 1, 2, 3, side - 4, side - 3, side - 2, side - 1] {
                assert!(!is_dark(edge, at) && !is_dark(at, edge), "{edge} {at}");
            }
        }
        assert!(is_dark(4, 4) && is_dark(4, side - 5) && is_dark(side - 5, 4), "and inside of it, the corners");
    }
}
