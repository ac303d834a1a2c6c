//! Values that clients carry from page to page without reading them: JSON in base64.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Clients and what lies between cut padding off or use the alphabet for addresses.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The text of a value.
pub(crate) fn encode(value: &impl Serialize) -> String {
    STANDARD.encode(serde_json::to_string(value).unwrap_or_default())
}

/// The value of a text; otherwise what is wrong with the text.
pub(crate) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let standard = |letter: char| match letter {
        '-' => '+',
        '_' => '/',
        // A plus sign that nobody escaped.
        ' ' => '+',
        letter => letter,
    };
    let text: String = text.trim().chars().map(standard).collect();
    let bytes = LENIENT.decode(text).map_err(|error| error.to_string())?;
    // What is JSON but lacks what it needs would be told of in the words of this program's types.
    serde_json::from_slice(&bytes).map_err(|error| match error.is_data() {
        true => "it was not given here".to_owned(),
        false => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn reads_what_clients_make_of_it() {
        let value = json!({ "name": "ü>>??~~" });
        let text = encode(&value);
        let variants =
            [text.clone(), text.replace('=', ""), text.replace('+', "-").replace('/', "_"), text.replace('+', " ")];
        for text in variants {
            assert_eq!(decode::<Value>(&text), Ok(value.clone()), "{text}");
        }
        for text in ["garbage", "", "%%%", "e30", "é"] {
            assert!(decode::<String>(text).is_err(), "{text}");
        }
        assert_eq!(decode::<String>(&encode(&[1])), Err("it was not given here".to_owned()));
    }
}
