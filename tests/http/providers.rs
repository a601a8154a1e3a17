//! Identity providers: honest ones of several vendors, hostile ones, and ones that are down.

mod discovery;
mod hostile;
mod makes;
mod mix_up;
mod refresh;
mod stage;
mod userinfo;
