//! The operations of query filters.

macro_rules! operations {
    ($($name:ident = $text:literal),+ $(,)?) => {
        /// An operation of a query filter.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Op { $($name),+ }

        impl Op {
            pub(super) fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)+ _ => None }
            }

            pub(crate) fn text(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

operations! {
    Equals = "EQUALS",
    NotEquals = "NOT_EQUALS",
    Greater = "GREATER_THAN",
    Less = "LESS_THAN",
    AtLeast = "GREATER_THAN_OR_EQUAL_TO",
    AtMost = "LESS_THAN_OR_EQUAL_TO",
    In = "IN",
    NotIn = "NOT_IN",
    StartsWith = "STARTS_WITH",
    EndsWith = "ENDS_WITH",
    Contains = "CONTAINS",
    Regex = "REGEX",
    Prefix = "PREFIX",
}
