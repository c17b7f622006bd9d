//! What of the configuration file may be changed while Rebound runs, and how what was changed is laid over the file.
//!
//! The file with the values over it is checked by the same rules as the file alone, so that nothing can be set on the page that
//! `check-config` would refuse. Addresses, secrets and what belongs to the machine stand in the file only.

use std::collections::BTreeMap;
use std::sync::Arc;

use rebound_engine::settings::{Group, InForce, SettingsFile, Trouble, Values};

use crate::config::{Problems, Settings, Source};

mod catalog;

mod mail;

mod place;

pub(crate) use mail::Mail;

/// The configuration file, and who gets mail by it.
pub(crate) struct FileOfSettings {
    source: Source,
    /// What the file says, by key.
    by_file: BTreeMap<String, String>,
    mail: Option<Arc<Mail>>,
}

impl FileOfSettings {
    /// The file of `settings`, which were read from it.
    pub(crate) fn new(source: Source, settings: &Settings, mail: Option<Arc<Mail>>) -> Self {
        let groups = catalog::groups(settings, source.table(), &BTreeMap::new());
        let all = groups.into_iter().flat_map(|group| group.parts).flat_map(|part| part.settings);
        let by_file = all.map(|setting| (setting.key, setting.value)).collect();
        Self { source, by_file, mail }
    }

    fn settings_with(&self, values: &Values) -> Result<(Settings, Vec<Group>), Vec<Trouble>> {
        let mut table = self.source.table().clone();
        let mut troubles = Vec::new();
        for (key, value) in values {
            if let Err(trouble) = catalog::put(&mut table, key, value) {
                troubles.push(trouble);
            }
        }
        if !troubles.is_empty() {
            return Err(troubles);
        }
        let settings = self.source.parse(table.clone()).map_err(|problems| told(&problems))?;
        let groups = catalog::groups(&settings, &table, &self.by_file);
        Ok((settings, groups))
    }
}

impl SettingsFile for FileOfSettings {
    fn with(&self, values: &Values) -> Result<InForce, Vec<Trouble>> {
        let (settings, groups) = self.settings_with(values)?;
        if let (Some(mail), Some(email)) = (&self.mail, &settings.email) {
            // An address that is none is found here and not when a mail is to be sent.
            mail.check(email, &settings.core.alerts.site).map_err(|what| vec![bad_mail(what)])?;
        }
        Ok(InForce { config: settings.core, groups })
    }

    fn adopt(&self, values: &Values) {
        let Some(mail) = &self.mail else { return };
        let Ok((settings, _)) = self.settings_with(values) else { return };
        if let Some(email) = &settings.email
            && let Err(error) = mail.change(email, &settings.core.alerts.site)
        {
            tracing::error!(error, "mail goes on as before: its settings cannot be used");
        }
    }
}

fn told(problems: &Problems) -> Vec<Trouble> {
    let told = problems.each();
    told.map(|(key, what, help)| Trouble {
        key: key.to_owned(),
        what: what.trim().to_owned(),
        help: help.to_owned(),
    })
    .collect()
}

fn bad_mail(what: String) -> Trouble {
    let help = "Write addresses as \"name@example.com\", separated by commas.".to_owned();
    Trouble { key: catalog::MAIL_TO.to_owned(), what, help }
}

#[cfg(test)]
mod tests;
