//! Mistakes that are easy to make, tried one by one.
