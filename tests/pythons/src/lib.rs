//! Finds and fetches CPythons.
