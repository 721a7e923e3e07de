//! What the cluster does when nothing goes wrong, and its measured laws.
