//! Parses and evaluates expressions.

use serde_json::{Value, json};

use super::token::{Token, tokens};

/// Whether a rendered condition is truthy.
pub(crate) fn truthy(text: &str) -> bool {
    !matches!(text.trim(), "" | "false" | "0" | "null")
}

pub(super) fn show(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(super) fn evaluate(expression: &str, variables: &Value) -> Result<Value, String> {
    let tokens = tokens(expression);
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        variables,
        expression,
    };
    let value = reader.or()?;
    if reader.at < tokens.len() {
        return Err(format!("Unexpected end of `{}`", expression.trim()));
    }
    value.ok_or_else(|| {
        format!("Unable to find variable used in the expression `{{{{{expression}}}}}`")
    })
}

/// `None` is an undefined variable: an error unless `??` follows.
type Found = Result<Option<Value>, String>;

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    variables: &'a Value,
    expression: &'a str,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self, wanted: &str) -> bool {
        let found = match self.peek() {
            Some(Token::Word(text) | Token::Sign(text)) => text == wanted,
            _ => false,
        };
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Found {
        let mut left = self.and()?;
        while self.take("or") {
            let right = self.and()?;
            left = Some(json!(is_true(left.as_ref()) || is_true(right.as_ref())));
        }
        Ok(left)
    }

    fn and(&mut self) -> Found {
        let mut left = self.compare()?;
        while self.take("and") {
            let right = self.compare()?;
            left = Some(json!(is_true(left.as_ref()) && is_true(right.as_ref())));
        }
        Ok(left)
    }

    fn compare(&mut self) -> Found {
        let left = self.join()?;
        for sign in ["==", "!=", ">=", "<=", ">", "<"] {
            if self.take(sign) {
                let right = self.join()?;
                let (a, b) = (text_of(left.as_ref()), text_of(right.as_ref()));
                let order = match (a.parse::<f64>(), b.parse::<f64>()) {
                    (Ok(a), Ok(b)) => a.total_cmp(&b),
                    _ => a.cmp(&b),
                };
                return Ok(Some(json!(match sign {
                    "==" => order.is_eq(),
                    "!=" => order.is_ne(),
                    ">=" => order.is_ge(),
                    "<=" => order.is_le(),
                    ">" => order.is_gt(),
                    _ => order.is_lt(),
                })));
            }
        }
        Ok(left)
    }

    fn join(&mut self) -> Found {
        let mut left = self.coalesce()?;
        while self.take("~") {
            let right = self.coalesce()?;
            left = Some(json!(text_of(left.as_ref()) + &text_of(right.as_ref())));
        }
        Ok(left)
    }

    fn coalesce(&mut self) -> Found {
        let left = self.filtered()?;
        if self.take("??") {
            let right = self.coalesce()?;
            return Ok(left.filter(|value| !value.is_null()).or(right));
        }
        Ok(left)
    }

    fn filtered(&mut self) -> Found {
        let mut value = self.single()?;
        while self.take("|") {
            let Some(Token::Word(name)) = self.peek().cloned() else {
                return Err(format!("Expected a filter in `{}`", self.expression));
            };
            self.at += 1;
            let mut argument = None;
            if self.take("(") && !self.take(")") {
                argument = self.or()?;
                self.take(")");
            }
            value = match name.as_str() {
                "upper" => value.map(|v| json!(show(&v).to_uppercase())),
                "lower" => value.map(|v| json!(show(&v).to_lowercase())),
                "trim" => value.map(|v| json!(show(&v).trim())),
                "json" | "toJson" => value.map(|v| json!(v.to_string())),
                "length" => value.map(|v| match &v {
                    Value::Array(items) => json!(items.len()),
                    v => json!(show(v).chars().count()),
                }),
                "default" => value.filter(|v| !v.is_null()).or(argument),
                _ => return Err(format!("Filter [{name}] does not exist")),
            };
        }
        Ok(value)
    }

    fn single(&mut self) -> Found {
        if self.take("not") {
            let value = self.single()?;
            return Ok(Some(json!(!is_true(value.as_ref()))));
        }
        if self.take("(") {
            let value = self.or()?;
            self.take(")");
            return Ok(value);
        }
        let token = self.peek().cloned();
        self.at += 1;
        match token {
            Some(Token::Text(text)) => Ok(Some(Value::String(text))),
            Some(Token::Number(number)) => Ok(Some(number_of(number))),
            Some(Token::Word(word)) => match word.as_str() {
                "true" => Ok(Some(json!(true))),
                "false" => Ok(Some(json!(false))),
                "null" => Ok(Some(Value::Null)),
                "kv" if self.take("(") => self.kv(),
                _ => self.path(&word),
            },
            _ => Err(format!("Unexpected token in `{}`", self.expression.trim())),
        }
    }

    /// `kv('key', errorOnMissing=false)`; other arguments are ignored.
    fn kv(&mut self) -> Found {
        let key = text_of(self.or()?.as_ref());
        let mut lenient = false;
        while self.at < self.tokens.len() && !self.take(")") {
            lenient |= self.peek() == Some(&Token::Word("false".to_owned()));
            self.at += 1;
        }
        let value = self
            .variables
            .get("kv")
            .and_then(|values| field(values, &key));
        Ok(value.or(lenient.then_some(Value::Null)))
    }

    fn path(&mut self, first: &str) -> Found {
        let mut value = self.variables.get(first).cloned();
        loop {
            if self.take(".") {
                let name = match self.peek() {
                    Some(Token::Word(word)) => word.clone(),
                    Some(Token::Number(number)) => number.to_string(),
                    _ => return Err(format!("Expected a name in `{}`", self.expression.trim())),
                };
                self.at += 1;
                value = value.as_ref().and_then(|v| field(v, &name));
            } else if self.take("[") {
                let key = self.or()?;
                self.take("]");
                value = value
                    .as_ref()
                    .and_then(|v| field(v, &text_of(key.as_ref())));
            } else {
                return Ok(value);
            }
        }
    }
}

fn field(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?).cloned(),
        other => other.get(name).cloned(),
    }
}

fn number_of(number: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only whole numbers get here"
    )]
    if number.fract() == 0.0 {
        json!(number as i64)
    } else {
        json!(number)
    }
}

fn text_of(value: Option<&Value>) -> String {
    value.map(show).unwrap_or_default()
}

fn is_true(value: Option<&Value>) -> bool {
    truthy(&text_of(value))
}
