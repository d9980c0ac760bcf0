//! The stack machine.

use std::collections::HashMap;

use super::cursor::Cursor;
use super::globals;
use super::limits::{MAX_GLOBAL_NAME, MAX_MARKS, MAX_PROTOCOL, MAX_STEPS};
use super::literals::literal;
use super::opcodes as op;
use super::value::{Ref, Tree, Value};
use crate::error::{Error, Result};

/// Reads the pickle at the cursor, up to and with its `STOP`.
///
/// # Errors
/// `Kind::Checkpoint`: a damaged pickle (with the byte), a name outside the allow-list, a limit.
pub fn read<'a>(cursor: &mut Cursor<'a>) -> Result<Tree<'a>> {
    read_within(cursor, MAX_STEPS)
}

/// Like [`read`], for a pickle that was unpacked from fewer bytes than it has: at most `limit`
/// instructions, and as many values.
pub fn read_within<'a>(cursor: &mut Cursor<'a>, limit: usize) -> Result<Tree<'a>> {
    let limit = limit.min(MAX_STEPS);
    let budget = cursor.remaining().min(limit);
    let mut machine = Machine {
        cursor: cursor.clone(),
        values: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        budget,
        limit,
    };
    for _ in 0..limit {
        if machine.step()? {
            let root = machine.pop()?;
            *cursor = machine.cursor;
            return Ok(Tree { values: machine.values, root });
        }
    }
    Err(machine.damaged(format!("it has more than {limit} instructions")))
}

pub(super) struct Machine<'a> {
    cursor: Cursor<'a>,
    values: Vec<Value<'a>>,
    stack: Vec<Ref>,
    /// Heights of the stack at which marks lie.
    marks: Vec<usize>,
    memo: HashMap<u32, Ref>,
    /// Elements that may still be copied: as many as the pickle has bytes, and no more than `limit`.
    budget: usize,
    /// Values that there may be.
    limit: usize,
}

impl<'a> Machine<'a> {
    /// Carries one instruction out; whether it was the last.
    fn step(&mut self) -> Result<bool> {
        let code = self.cursor.byte()?;
        match code {
            op::STOP => return Ok(true),
            op::PROTO => {
                let protocol = self.cursor.byte()?;
                if protocol > MAX_PROTOCOL {
                    return Err(self.damaged(format!("protocol {protocol} does not exist")));
                }
            }
            op::FRAME => drop(self.cursor.take(8)?),
            op::MARK | op::POP | op::POP_MARK | op::DUP => self.shuffle(code)?,
            op::MEMOIZE | op::BINPUT | op::LONG_BINPUT | op::PUT => self.put(code)?,
            op::BINGET | op::LONG_BINGET | op::GET => self.recall(code)?,
            op::EMPTY_LIST | op::EMPTY_TUPLE | op::EMPTY_DICT | op::EMPTY_SET => self.empty(code)?,
            op::LIST | op::TUPLE | op::DICT | op::FROZENSET => self.collect(code)?,
            op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => {
                let items = self.pop_many(usize::from(code - op::TUPLE1) + 1)?;
                self.push(Value::Tuple(items))?;
            }
            op::APPEND | op::APPENDS | op::ADDITEMS => self.append(code)?,
            op::SETITEM | op::SETITEMS => self.set_items(code)?,
            op::GLOBAL | op::STACK_GLOBAL => self.global(code)?,
            op::REDUCE | op::NEWOBJ | op::NEWOBJ_EX | op::INST | op::OBJ => self.call(code)?,
            op::BUILD => self.build()?,
            op::PERSID | op::BINPERSID => self.persistent(code)?,
            _ => {
                let value = literal(&mut self.cursor, code)?;
                self.push(value)?;
            }
        }
        Ok(false)
    }

    fn shuffle(&mut self, code: u8) -> Result<()> {
        match code {
            op::MARK if self.marks.len() >= MAX_MARKS => {
                return Err(self.damaged(format!("containers nest more than {MAX_MARKS} deep")));
            }
            op::MARK => self.marks.push(self.stack.len()),
            op::POP_MARK => drop(self.since_mark()?),
            op::DUP => {
                let top = self.pop()?;
                self.stack.extend([top, top]);
            }
            // A mark on top is what `POP` takes away first.
            _ if self.marks.last() == Some(&self.stack.len()) => drop(self.marks.pop()),
            _ => drop(self.pop()?),
        }
        Ok(())
    }

    fn put(&mut self, code: u8) -> Result<()> {
        let key = match code {
            op::MEMOIZE => u32::try_from(self.memo.len()).unwrap_or(u32::MAX),
            _ => self.memo_key(code)?,
        };
        let top = self.pop()?;
        self.stack.push(top);
        self.memo.insert(key, top);
        Ok(())
    }

    fn recall(&mut self, code: u8) -> Result<()> {
        let key = self.memo_key(code)?;
        let value = self.memo.get(&key).copied();
        let value = value.ok_or_else(|| self.damaged(format!("memo {key} is used before it is set")))?;
        self.stack.push(value);
        Ok(())
    }

    fn memo_key(&mut self, code: u8) -> Result<u32> {
        match code {
            op::BINPUT | op::BINGET => Ok(u32::from(self.cursor.byte()?)),
            op::LONG_BINPUT | op::LONG_BINGET => Ok(u32::from_le_bytes(self.cursor.array()?)),
            _ => {
                let line = self.cursor.line()?;
                line.parse().map_err(|_| self.damaged("a memo number that is none"))
            }
        }
    }

    fn empty(&mut self, code: u8) -> Result<()> {
        self.push(match code {
            op::EMPTY_LIST => Value::List(Vec::new()),
            op::EMPTY_TUPLE => Value::Tuple(Vec::new()),
            op::EMPTY_DICT => Value::Dict(Vec::new()),
            _ => Value::Set(Vec::new()),
        })
    }

    fn collect(&mut self, code: u8) -> Result<()> {
        let items = self.since_mark()?;
        let value = match code {
            op::LIST => Value::List(items),
            op::TUPLE => Value::Tuple(items),
            op::FROZENSET => Value::Set(items),
            _ => Value::Dict(self.pairs(&items)?),
        };
        self.push(value)
    }

    fn append(&mut self, code: u8) -> Result<()> {
        let items = if code == op::APPEND { self.pop_many(1)? } else { self.since_mark()? };
        let target = self.pop()?;
        match self.values.get_mut(target.0 as usize) {
            Some(Value::List(list) | Value::Set(list)) => list.extend(items),
            _ => return Err(self.damaged("elements are added to a value that is no list")),
        }
        self.stack.push(target);
        Ok(())
    }

    fn set_items(&mut self, code: u8) -> Result<()> {
        let items = if code == op::SETITEM { self.pop_many(2)? } else { self.since_mark()? };
        let pairs = self.pairs(&items)?;
        let target = self.pop()?;
        match self.values.get_mut(target.0 as usize) {
            Some(Value::Dict(entries)) => entries.extend(pairs),
            _ => return Err(self.damaged("entries are added to a value that is no dictionary")),
        }
        self.stack.push(target);
        Ok(())
    }

    /// Keys and values in turn. Source text that comes with a class is let go: nothing may run it.
    fn pairs(&mut self, items: &[Ref]) -> Result<Vec<(Ref, Ref)>> {
        let (pairs, []) = items.as_chunks::<2>() else {
            return Err(self.damaged("a dictionary has a key without a value"));
        };
        let is_source = |key: Ref| matches!(self.value(key), Value::Str("module_src"));
        Ok(pairs.iter().filter(|[key, _]| !is_source(*key)).map(|[key, value]| (*key, *value)).collect())
    }

    fn global(&mut self, code: u8) -> Result<()> {
        let (module, name) = if code == op::GLOBAL {
            (self.cursor.line()?, self.cursor.line()?)
        } else {
            let pair = self.pop_many(2)?;
            match pair.as_slice() {
                [module, name] => match (self.value(*module), self.value(*name)) {
                    (Value::Str(module), Value::Str(name)) => (*module, *name),
                    _ => return Err(self.damaged("a class without a name")),
                },
                _ => return Err(self.damaged("a class without a name")),
            }
        };
        let global = self.look_up(module, name)?;
        self.push(Value::Global(global))
    }

    fn look_up(&self, module: &str, name: &str) -> Result<globals::Global> {
        if module.len() > MAX_GLOBAL_NAME || name.len() > MAX_GLOBAL_NAME {
            return Err(self.damaged(format!("a class's name has more than {MAX_GLOBAL_NAME} bytes")));
        }
        globals::allowed(module, name)
    }

    fn call(&mut self, code: u8) -> Result<()> {
        let (class, args) = match code {
            op::INST => {
                let (module, name) = (self.cursor.line()?, self.cursor.line()?);
                let global = self.look_up(module, name)?;
                let args = self.since_mark()?;
                (self.keep(Value::Global(global))?, self.keep(Value::Tuple(args))?)
            }
            op::OBJ => {
                let mut items = self.since_mark()?;
                if items.is_empty() {
                    return Err(self.damaged("a call without a class"));
                }
                let class = items.remove(0);
                (class, self.keep(Value::Tuple(items))?)
            }
            _ => {
                if code == op::NEWOBJ_EX {
                    self.pop()?; // keyword arguments: no allowed class has any
                }
                let args = self.pop()?;
                (self.pop()?, args)
            }
        };
        let value = self.construct(class, args)?;
        self.push(value)
    }

    /// Gives the object below the state on top.
    fn build(&mut self) -> Result<()> {
        let state = self.pop()?;
        let target = self.pop()?;
        match self.values.get_mut(target.0 as usize) {
            Some(Value::Object(object)) => object.state = Some(state),
            // Attributes of a container (a state dict's `_metadata`) say nothing about its entries.
            Some(Value::Dict(_) | Value::List(_) | Value::Set(_)) => {}
            _ => return Err(self.damaged("a state is given to a value that has none")),
        }
        self.stack.push(target);
        Ok(())
    }

    fn persistent(&mut self, code: u8) -> Result<()> {
        let name = if code == op::BINPERSID {
            self.pop()?
        } else {
            let line = self.cursor.line()?;
            self.keep(Value::Str(line))?
        };
        self.push(Value::Persistent(name))
    }

    pub(super) fn value(&self, at: Ref) -> &Value<'a> {
        self.values.get(at.0 as usize).unwrap_or(&Value::None)
    }

    fn keep(&mut self, value: Value<'a>) -> Result<Ref> {
        if self.values.len() >= self.limit {
            return Err(self.damaged(format!("it has more than {} values", self.limit)));
        }
        let number = u32::try_from(self.values.len()).map_err(|_| self.damaged("too many values"))?;
        self.values.push(value);
        Ok(Ref(number))
    }

    fn push(&mut self, value: Value<'a>) -> Result<()> {
        let kept = self.keep(value)?;
        self.stack.push(kept);
        Ok(())
    }

    /// Height that the innermost mark protects.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn pop(&mut self) -> Result<Ref> {
        if self.stack.len() <= self.floor() {
            return Err(self.damaged("an instruction finds nothing on the stack"));
        }
        self.stack.pop().ok_or_else(|| self.damaged("an instruction finds nothing on the stack"))
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Ref>> {
        match self.stack.len().checked_sub(count) {
            Some(start) if start >= self.floor() => Ok(self.stack.drain(start..).collect()),
            _ => Err(self.damaged("an instruction finds nothing on the stack")),
        }
    }

    fn since_mark(&mut self) -> Result<Vec<Ref>> {
        let start = self.marks.pop().ok_or_else(|| self.damaged("a mark is missing"))?;
        // No instruction reaches below a mark, so the stack is at least as high.
        Ok(self.stack.drain(start.min(self.stack.len())..).collect())
    }

    /// Takes `elements` from what may still be copied.
    pub(super) fn pay(&mut self, elements: usize) -> Result<()> {
        let left = self.budget.checked_sub(elements);
        self.budget = left.ok_or_else(|| self.damaged("the same elements are copied over and over"))?;
        Ok(())
    }

    pub(super) fn damaged(&self, what: impl std::fmt::Display) -> Error {
        self.cursor.damaged(what)
    }
}
