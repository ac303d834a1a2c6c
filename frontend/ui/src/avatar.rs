//! Avatars: a person's or group's initials on a hue of their own.

use leptos::prelude::*;

/// Initials. They are decoration: the name stands beside them.
///
/// ```ignore
/// view! { <Avatar name="Ada Lovelace"/> <span>"Ada Lovelace"</span> }
/// ```
#[component]
pub fn Avatar(#[prop(into)] name: String, #[prop(optional)] large: bool) -> AnyView {
    let hue = name.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 7 + 1;
    view! {
        <span class="avatar" data-hue=hue.to_string() data-size=large.then_some("large") aria-hidden="true">
            {initials(&name)}
        </span>
    }
    .into_any()
}

/// A person by avatar and name.
///
/// ```ignore
/// view! { <PersonView name="Ada Lovelace"/> }
/// ```
#[component]
pub fn PersonView(
    #[prop(into)] name: String,
    /// The name as a link; the plain name without it.
    #[prop(optional)]
    link: Option<AnyView>,
) -> AnyView {
    let text = link.unwrap_or_else(|| name.clone().into_any());
    view! { <span class="person"><Avatar name/><span class="person-name">{text}</span></span> }.into_any()
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name.split([' ', '-', '_', '.', '/']).filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let letters: String = first.into_iter().chain(words.next_back()).collect();
    if letters.is_empty() { "?".to_owned() } else { letters.to_uppercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_names() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("ada", "A"),
            ("jean-luc de la cour", "JC"),
            ("élodie", "É"),
            ("", "?"),
            (" -- ", "?"),
            ("<script>", "S"),
        ] {
            assert_eq!(initials(name), expected, "{name:?}");
        }
    }
}
