//! Where a setting comes from.

use crate::config::Place;

/// The place of a setting, in words.
pub(in crate::mcp) fn in_words(place: &Place) -> String {
    match &place.file {
        None => format!("the environment variable {}", place.name),
        Some(file) if place.name.ends_with("_file") => {
            format!("the file that {} in {} names", place.name, file.display())
        }
        Some(file) => format!("{} in {}", place.name, file.display()),
    }
}
