//! Every page, drawn from a portal that is made up: what it says, what it must never let through, and what readers
//! without eyes, pointers or scripts need.

mod checks;
mod create;
mod definitions;
mod entities;
mod fake;
mod forms;
mod html;
mod lists;
mod panels;
mod render;
