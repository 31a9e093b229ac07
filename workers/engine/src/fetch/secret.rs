//! Secrets of projects, kept by the node's operator or sealed to the node on the chain: written into requests here, for one
//! host only, and never shown to code, recordings, logs or errors.

use secrecy::{ExposeSecret, SecretString};

/// A named value for one project and one host.
#[derive(Clone)]
pub struct Secret {
    /// Project it belongs to.
    pub project: u64,
    /// Name the code uses: `{{secret:NAME}}` in a request becomes the value.
    pub name: String,
    /// The only host it is sent to.
    pub host: String,
    value: SecretString,
}

impl Secret {
    /// Creates a secret.
    pub fn new(
        project: u64,
        name: impl Into<String>,
        host: impl Into<String>,
        value: impl Into<String>,
    ) -> Secret {
        let host = host.into().trim_end_matches('.').to_ascii_lowercase();
        Secret { project, name: name.into(), host, value: SecretString::from(value.into()) }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({} of project {} for {})", self.name, self.project, self.host)
    }
}

/// The secrets that one project may use at one host.
#[derive(Clone, Copy)]
pub(super) struct Vault<'a> {
    /// The lists to search, in this order.
    pub(super) secrets: [&'a [Secret]; 2],
    pub(super) project: u64,
    pub(super) host: &'a str,
}

impl Vault<'_> {
    /// Returns the value of this name.
    ///
    /// # Errors
    /// A `String` that names the secret, if the node has none of this name for this project and host.
    pub(super) fn value(&self, name: &str) -> Result<&str, String> {
        let host = self.host;
        self.secrets
            .into_iter()
            .flatten()
            .find(|s| s.project == self.project && s.name == name && s.host == host)
            .map(|secret| secret.value.expose_secret())
            .ok_or_else(|| format!("the secret {name} for {host} is not set on this node"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_for_its_host_and_project_only_and_never_prints() {
        let secrets = [Secret::new(7, "KEY", "API.example.com", "hunter2")];
        let value = |project, host, name| {
            Vault { secrets: [&secrets, &[]], project, host }.value(name).map(str::to_owned)
        };
        assert_eq!(value(7, "api.example.com", "KEY").unwrap(), "hunter2");
        for (project, host, name) in
            [(7, "evil.example.com", "KEY"), (8, "api.example.com", "KEY"), (7, "api.example.com", "OTHER")]
        {
            let error = value(project, host, name).unwrap_err();
            assert_eq!(error, format!("the secret {name} for {host} is not set on this node"));
        }
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }

    #[test]
    fn what_the_operator_set_comes_before_what_is_sealed() {
        let secret = |value: &str| [Secret::new(7, "KEY", "h", value)];
        let (own, sealed) = (secret("own"), secret("sealed"));
        let value =
            |secrets| Vault { secrets, project: 7, host: "h" }.value("KEY").map(str::to_owned).unwrap();
        assert_eq!(value([&own, &sealed]), "own");
        assert_eq!(value([&[], &sealed]), "sealed");
    }
}
