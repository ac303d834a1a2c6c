//! Sets of entities, which extension points describe with records of their own that have the same fields.

/// Makes the builder of a set. What several annotations mean is the extension point's own matter, so it says that.
macro_rules! set_of_entities {
    ($name:ident($module:ident::$record:ident); $(#[$meaning:meta])+ annotation) => {
        /// A set of entities: all that is said must hold.
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name($module::$record);

        impl Default for $name {
            fn default() -> Self {
                Self::any()
            }
        }

        impl $name {
            /// Every entity.
            pub fn any() -> Self {
                Self($module::$record { kinds: Vec::new(), spec_types: Vec::new(), annotations: Vec::new() })
            }

            /// Only this kind; said several times, any of them.
            #[must_use]
            pub fn kind(mut self, kind: impl Into<String>) -> Self {
                self.0.kinds.push(kind.into());
                self
            }

            /// Only this `spec.type`; said several times, any of them.
            #[must_use]
            pub fn spec_type(mut self, spec_type: impl Into<String>) -> Self {
                self.0.spec_types.push(spec_type.into());
                self
            }

            $(#[$meaning])+
            #[must_use]
            pub fn annotation(mut self, key: impl Into<String>) -> Self {
                self.0.annotations.push(key.into());
                self
            }
        }
    };
}

pub(crate) use set_of_entities;
