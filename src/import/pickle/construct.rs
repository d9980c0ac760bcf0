//! What "calling" an allowed name makes: a container where Python would have made one, otherwise an
//! object that remembers class and arguments.

use std::borrow::Cow;

use super::globals::Global;
use super::machine::Machine;
use super::value::{Object, Ref, Value};
use crate::error::Result;

impl<'a> Machine<'a> {
    /// The value of `class(*args)`.
    pub(super) fn construct(&mut self, class: Ref, args: Ref) -> Result<Value<'a>> {
        let Value::Global(global) = *self.value(class) else {
            return Err(self.damaged("a call of something that is no class"));
        };
        let Value::Tuple(list) = self.value(args) else {
            return Err(self.damaged("a call without a tuple of arguments"));
        };
        let (first, second) = (list.first().copied(), list.get(1).copied());
        match global {
            Global::Dict => self.dict_from(first),
            Global::List => Ok(Value::List(self.copy_of(first)?)),
            Global::Tuple => Ok(Value::Tuple(self.copy_of(first)?)),
            Global::Set => Ok(Value::Set(self.copy_of(first)?)),
            Global::Encode => self.encode(first),
            Global::Reconstructor => match (first.map(|c| self.value(c)), second.map(|b| self.value(b))) {
                (_, Some(Value::Global(Global::Dict))) | (Some(Value::Global(Global::Dict)), _) => {
                    Ok(Value::Dict(Vec::new()))
                }
                (Some(Value::Global(class)), _) => Ok(object(*class, args)),
                _ => Err(self.damaged("a reconstruction of something that is no class")),
            },
            class => Ok(object(class, args)),
        }
    }

    /// `OrderedDict([(key, value), …])`, as Python 2 wrote it; usually there is no argument.
    fn dict_from(&mut self, pairs: Option<Ref>) -> Result<Value<'a>> {
        let mut entries = Vec::new();
        for pair in self.copy_of(pairs)? {
            match self.value(pair) {
                Value::List(pair) | Value::Tuple(pair) if pair.len() == 2 => {
                    entries.push((pair[0], pair[1]));
                }
                _ => return Err(self.damaged("a dictionary made of something else than pairs")),
            }
        }
        Ok(Value::Dict(entries))
    }

    /// The elements of the container at `source`, paid for: a list that is copied again and again
    /// would take memory with the square of the file's length.
    fn copy_of(&mut self, source: Option<Ref>) -> Result<Vec<Ref>> {
        let Some(source) = source else { return Ok(Vec::new()) };
        let (Value::List(items) | Value::Tuple(items) | Value::Set(items)) = self.value(source) else {
            return Err(self.damaged("a container made of a value that is none"));
        };
        let len = items.len();
        self.pay(len)?;
        match self.value(source) {
            Value::List(items) | Value::Tuple(items) | Value::Set(items) => Ok(items.clone()),
            _ => Ok(Vec::new()),
        }
    }

    /// Bytes that were written as a text of the first 256 characters.
    fn encode(&mut self, text: Option<Ref>) -> Result<Value<'a>> {
        let Some(Value::Str(text)) = text.map(|t| self.value(t)) else {
            return Err(self.damaged("bytes made of a value that is no text"));
        };
        let text: &'a str = text;
        self.pay(text.len())?;
        let bytes: Result<Vec<u8>, _> = text.chars().map(|c| u8::try_from(u32::from(c))).collect();
        let bytes = bytes.map_err(|_| self.damaged("bytes beyond 255"))?;
        Ok(Value::Bytes(Cow::Owned(bytes)))
    }
}

fn object<'a>(class: Global, args: Ref) -> Value<'a> {
    Value::Object(Box::new(Object { class, args, state: None }))
}
