//! Classic mistakes, each tried.
