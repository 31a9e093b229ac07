//! A secret of a project that the node's operator keeps: written into request headers here, for one host only,
//! and never shown to code, logs or errors.

/// A named value for one project and one host.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Project it belongs to.
    pub project: u64,
    /// Name the code uses: a header value `{{secret:NAME}}` becomes the value.
    pub name: String,
    /// The only host it is sent to.
    pub host: String,
    value: String,
}

impl Secret {
    /// A secret.
    pub fn new(
        project: u64,
        name: impl Into<String>,
        host: impl Into<String>,
        value: impl Into<String>,
    ) -> Secret {
        Secret { project, name: name.into(), host: host.into(), value: value.into() }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({} of project {} for {})", self.name, self.project, self.host)
    }
}

/// Replaces every `{{secret:NAME}}` in a header value.
pub(super) fn fill(secrets: &[Secret], project: u64, host: &str, value: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("{{secret:") {
        let Some((name, tail)) = after.split_once("}}") else { break };
        let secret = secrets.iter().find(|s| s.project == project && s.name == name);
        match secret {
            Some(secret) if secret.host == host => {
                out.push_str(before);
                out.push_str(&secret.value);
            }
            Some(_) => return Err(format!("the secret {name} is not bound to the host {host}")),
            None => return Err(format!("this node has no secret {name} for the project")),
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_goes_to_its_host_and_project_only_and_never_prints() {
        let secrets = [Secret::new(7, "KEY", "api.example.com", "hunter2")];
        let filled = |project, host, value| fill(&secrets, project, host, value);
        assert_eq!(filled(7, "api.example.com", "Bearer {{secret:KEY}}!").unwrap(), "Bearer hunter2!");
        assert_eq!(filled(7, "api.example.com", "{{secret:KEY").unwrap(), "{{secret:KEY");
        for (project, host, value) in [
            (7, "evil.example.com", "{{secret:KEY}}"),
            (8, "api.example.com", "{{secret:KEY}}"),
            (7, "api.example.com", "{{secret:OTHER}}"),
        ] {
            let error = filled(project, host, value).unwrap_err();
            assert!(!error.contains("hunter2"));
        }
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }
}
