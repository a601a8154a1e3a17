/// Kestra 1.3.
pub mod v1_3 {
    /// The typed client.
    pub mod client {
        include!(concat!(env!("OUT_DIR"), "/client-1.3.rs"));
    }
    /// Sends an operation by its id.
    pub mod send {
        include!(concat!(env!("OUT_DIR"), "/send-1.3.rs"));
    }
    /// The manifest as it holds for this line.
    pub const MANIFEST: &str = include_str!(concat!(env!("OUT_DIR"), "/manifest-1.3.json"));
    /// What the build worked out beside it.
    pub const PLAN: &str = include_str!(concat!(env!("OUT_DIR"), "/plan-1.3.json"));
}
/// Kestra 2.0.
pub mod v2_0 {
    /// The typed client.
    pub mod client {
        include!(concat!(env!("OUT_DIR"), "/client-2.0.rs"));
    }
    /// Sends an operation by its id.
    pub mod send {
        include!(concat!(env!("OUT_DIR"), "/send-2.0.rs"));
    }
    /// The manifest as it holds for this line.
    pub const MANIFEST: &str = include_str!(concat!(env!("OUT_DIR"), "/manifest-2.0.json"));
    /// What the build worked out beside it.
    pub const PLAN: &str = include_str!(concat!(env!("OUT_DIR"), "/plan-2.0.json"));
}
