//! Frames that cross the border: parsing and writing, nothing else.
