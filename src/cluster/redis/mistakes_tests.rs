//! The mistakes that servers of this kind have been found to make, each by the schedule that shows it.
