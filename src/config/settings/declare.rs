//! One declaration for each setting: its name in the code, what it is, and its place in a list.

macro_rules! settings {
    ($list:ident: $($name:ident = $setting:expr;)*) => {
        $(pub(in crate::config) static $name: $crate::config::setting::Setting = $setting;)*

        /// In the order in which they are shown.
        pub(in crate::config) static $list: &[&$crate::config::setting::Setting] = &[$(&$name),*];
    };
    // Settings that only the HTTP mode uses.
    ($list:ident over HTTP: $($name:ident = $setting:expr;)*) => {
        settings! { $list: $($name = $setting.over_http();)* }
    };
}

pub(super) use settings;
