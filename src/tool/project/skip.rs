//! Skips the values of an answer that the manifest does not name.

use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::bounds::Bounds;

/// The part of a visitor for values of another kind than it wants.
macro_rules! scalars_are_nothing {
    () => {
        fn visit_unit<E>(self) -> Result<Value, E> {
            Ok(Value::Null)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
            Ok(Value::Null)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
            Ok(Value::Null)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
            Ok(Value::Null)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
            Ok(Value::Null)
        }

        fn visit_str<E>(self, _: &str) -> Result<Value, E> {
            Ok(Value::Null)
        }
    };
}
pub(super) use scalars_are_nothing;

/// Skips what is left of a list; how many items that are.
pub(super) fn skip_items<'de, A: SeqAccess<'de>>(
    bounds: &Bounds<'_>,
    items: &mut A,
) -> Result<usize, A::Error> {
    let mut count = 0;
    loop {
        bounds.guide.skip.set(true);
        let item = items.next_element::<IgnoredAny>();
        bounds.guide.skip.set(false);
        if item?.is_none() {
            return Ok(count);
        }
        count += 1;
    }
}

/// Skips the value of a member.
pub(super) fn skip_value<'de, A: MapAccess<'de>>(
    bounds: &Bounds<'_>,
    map: &mut A,
) -> Result<(), A::Error> {
    bounds.guide.skip.set(true);
    let value = map.next_value::<IgnoredAny>();
    bounds.guide.skip.set(false);
    value.map(|_| ())
}
