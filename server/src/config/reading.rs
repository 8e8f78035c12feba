//! Reading what the server is told: the command line and the environment first, and then the file
//! they name, as if what it says stood on the command line.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, parser::ValueSource};

use super::{Cli, Command, Config};

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file.
    #[error("the configuration file {} cannot be read: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is in it.
    #[error("the configuration file {} has an error: {message}", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What and where.
        message: String,
    },
    /// The command line or the environment; or this was only a question for help.
    #[error(transparent)]
    CommandLine(#[from] clap::Error),
}

impl Cli {
    /// Reads the command line, the environment, and the file that either of them names.
    ///
    /// # Errors
    /// When the file cannot be used or a value makes no sense.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, ConfigError> {
        let mut args: Vec<OsString> = args.into_iter().collect();
        let mut matches = Self::command().try_get_matches_from(&args)?;
        if let Some(("serve", serve)) = matches.subcommand()
            && let Some(path) = serve.get_one::<PathBuf>("config")
        {
            let content = |message| ConfigError::Content {
                path: path.clone(),
                message,
            };
            args.extend(told_by_file(&read(path)?, serve).map_err(content)?);
            matches = Self::command()
                .try_get_matches_from(&args)
                .map_err(|error| content(error.to_string()))?;
        }
        let mut cli = Self::from_arg_matches(&matches)?;
        if let (Command::Serve(config), Some((_, serve))) = (&mut cli.command, matches.subcommand())
        {
            config.settle_addresses(serve);
        }
        Ok(cli)
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|source| ConfigError::File {
        path: path.to_owned(),
        source,
    })
}

/// What the file says and nobody said before it, as it would stand on the command line.
fn told_by_file(text: &str, given: &ArgMatches) -> Result<Vec<OsString>, String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
    let known = Config::augment_args(clap::Command::new("serve"));
    let mut args = Vec::new();
    for (name, value) in &table {
        let option = known
            .get_arguments()
            .find(|option| option.get_long() == Some(name) && name != "config")
            .ok_or_else(|| format!("there is no option {name:?}"))?;
        if !is_chosen(given, option.get_id().as_str()) {
            let is_switch = matches!(option.get_action(), clap::ArgAction::SetTrue);
            put(&mut args, name, value, is_switch)?;
        }
    }
    Ok(args)
}

fn put(
    args: &mut Vec<OsString>,
    name: &str,
    value: &toml::Value,
    is_switch: bool,
) -> Result<(), String> {
    match value {
        toml::Value::String(text) => args.push(format!("--{name}={text}").into()),
        toml::Value::Boolean(true) if is_switch => args.push(format!("--{name}").into()),
        toml::Value::Boolean(false) if is_switch => {}
        toml::Value::Array(values) => {
            return values
                .iter()
                .try_for_each(|value| put(args, name, value, is_switch));
        }
        other => return Err(format!("{name} cannot be {other}; write it in quotes")),
    }
    Ok(())
}

/// Whether somebody said it, as against what it is by itself.
pub(super) fn is_chosen(given: &ArgMatches, id: &str) -> bool {
    matches!(
        given.value_source(id),
        Some(ValueSource::CommandLine | ValueSource::EnvVariable)
    )
}
