//! What is kept, and how it is sealed.

mod seal;
