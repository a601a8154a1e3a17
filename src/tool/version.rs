//! Release lines and editions of Kestra.

/// A Kestra line: the versions that share one API description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Line {
    /// 1.0 to 1.3.
    V1_3,
    /// 2.0 and later.
    V2_0,
}

impl Line {
    /// The newest line that this build knows.
    pub const NEWEST: Self = Self::V2_0;

    /// Every line, oldest first.
    pub const ALL: &'static [Self] = &[Self::V1_3, Self::V2_0];

    /// The name of the line, such as `1.3`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_3 => "1.3",
            Self::V2_0 => "2.0",
        }
    }

    /// The line of a version as Kestra writes it, such as `1.3.7` or `2.0.0-SNAPSHOT`; the
    /// error is a line that this build has in its place, none for a text that is no version.
    pub fn of_version(version: &str) -> Result<Self, Option<Self>> {
        let mut numbers = version.trim().splitn(3, '.');
        let major = numbers
            .next()
            .and_then(|text| text.parse::<u32>().ok())
            .ok_or(None)?;
        let minor = numbers.next().ok_or(None)?;
        if !minor.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(None);
        }
        match major {
            0 => Err(Some(Self::V1_3)),
            1 => Ok(Self::V1_3),
            _ => Ok(Self::V2_0),
        }
    }
}

/// Which Kestra: open source or Enterprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edition {
    /// Open source.
    OpenSource,
    /// Enterprise.
    Enterprise,
}

impl Edition {
    /// As Kestra writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenSource => "OSS",
            Self::Enterprise => "EE",
        }
    }
}
