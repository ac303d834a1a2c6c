//! The people who push and re-run: engineers of the example company, by the accounts that its catalog gives them.

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) login: &'static str,
    pub(super) name: &'static str,
}

impl Person {
    pub(super) fn email(&self) -> String {
        format!("{}@acme.example", self.login.replace('-', "."))
    }
}

const fn person(id: u64, login: &'static str, name: &'static str) -> Person {
    Person { id, login, name }
}

pub(super) const PEOPLE: &[Person] = &[
    person(4_100_017, "ines-castro", "Inês Castro"),
    person(4_100_023, "jonas-weber", "Jonas Weber"),
    person(4_100_031, "priya-raman", "Priya Raman"),
    person(4_100_047, "leo-martin", "Léo Martin"),
    person(4_100_059, "amina-diallo", "Amina Diallo"),
    person(4_100_061, "henrik-olsen", "Henrik Olsen"),
    person(4_100_073, "sofia-marino", "Sofia Marino"),
    person(4_100_081, "daniel-kowalski", "Daniel Kowalski"),
    person(4_100_099, "mei-tanaka", "Mei Tanaka"),
    person(4_100_101, "ruben-vos", "Ruben Vos"),
    person(4_100_117, "elif-yilmaz", "Elif Yılmaz"),
    person(4_100_123, "nadia-haddad", "Nadia Haddad"),
    person(4_100_139, "oscar-lundgren", "Oscar Lundgren"),
    person(4_100_141, "carlos-mendes", "Carlos Mendes"),
    person(4_100_153, "victor-nilsson", "Victor Nilsson"),
    person(4_100_167, "chiara-conti", "Chiara Conti"),
    person(4_100_171, "samuel-adeyemi", "Samuel Adeyemi"),
    person(4_100_189, "yuki-sato", "Yuki Sato"),
    person(4_100_193, "clara-jensen", "Clara Jensen"),
    person(4_100_207, "pavel-novak", "Pavel Novák"),
];

/// The account of whoever holds the token with which a run is started again.
pub(super) const TOKEN_HOLDER: Person = person(4_100_301, "acme-callboard", "Acme Callboard");
