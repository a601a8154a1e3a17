//! The namespaces that a caller may see.

use crate::principal::Principal;
use crate::tool::target::Ask;

/// Every one of them: no role says less yet.
pub(super) fn ask(principal: &Principal) -> Ask {
    match principal {
        Principal::Local | Principal::Person(_) => Ask::new(|_| true),
    }
}
