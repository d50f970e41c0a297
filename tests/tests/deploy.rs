//! What lies in `deploy/`, each file by the judge of its kind: Kubernetes' own types, the schema of
//! Compose, hadolint, systemd, HAProxy, and the product. `roles.sql` and what the proxy does with
//! requests have tests of their own.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use k8s_openapi::api::{
    apps::v1::{Deployment, StatefulSet},
    core::v1::{ConfigMap, Namespace, PodSpec, PodTemplateSpec, Service},
    networking::v1::NetworkPolicy,
    policy::v1::PodDisruptionBudget,
};
use rig::Folder;
use serde::{Deserialize as _, de::DeserializeOwned};
use serde_yaml_ng::Value;

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

fn text(name: &str) -> String {
    fs::read_to_string(deploy().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn yaml(name: &str) -> Vec<Value> {
    let text = text(name);
    let documents = serde_yaml_ng::Deserializer::from_str(&text);
    documents
        .map(|document| Value::deserialize(document).unwrap_or_else(|error| panic!("{name}: {error}")))
        .collect()
}

/// Runs a judge, who must find nothing to say against it.
fn judged(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not run: {error}"));
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}{}", words(&output.stdout), words(&output.stderr));
    output
}

/// The manifest as the type of its kind, where no field is unknown.
fn typed<T: DeserializeOwned>(file: &str, manifest: &Value) -> T {
    let mut unknown = Vec::new();
    let mut note = |path: serde_ignored::Path<'_>| unknown.push(path.to_string());
    let read =
        serde_ignored::deserialize(manifest, &mut note).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(unknown.is_empty(), "{file} has fields that Kubernetes does not know: {unknown:?}");
    read
}

/// Every manifest that `kustomization.yaml` lists, with the name of its file.
fn manifests() -> Vec<(String, Value)> {
    let kustomization = yaml("kustomization.yaml").remove(0);
    let listed: Vec<String> = serde_yaml_ng::from_value(kustomization["resources"].clone()).unwrap();
    let there: BTreeSet<String> = fs::read_dir(deploy().join("kubernetes"))
        .unwrap()
        .map(|entry| format!("kubernetes/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), there, "every manifest is listed");
    listed
        .into_iter()
        .flat_map(|file| yaml(&file).into_iter().map(move |manifest| (file.clone(), manifest)))
        .collect()
}

#[test]
fn kubernetes_knows_every_field() {
    for (file, manifest) in manifests() {
        let kind = |kind: &str| format!("{file}: {kind}");
        match manifest["kind"].as_str().unwrap() {
            "Deployment" => {
                let it: Deployment = typed(&kind("Deployment"), &manifest);
                let spec = it.spec.unwrap();
                runs_safely(&file, &spec.template, spec.selector.match_labels.as_ref());
            }
            "StatefulSet" => {
                let it: StatefulSet = typed(&kind("StatefulSet"), &manifest);
                let spec = it.spec.unwrap();
                runs_safely(&file, &spec.template, spec.selector.match_labels.as_ref());
            }
            "Service" => drop(typed::<Service>(&kind("Service"), &manifest)),
            "ConfigMap" => drop(typed::<ConfigMap>(&kind("ConfigMap"), &manifest)),
            "Namespace" => drop(typed::<Namespace>(&kind("Namespace"), &manifest)),
            "NetworkPolicy" => drop(typed::<NetworkPolicy>(&kind("NetworkPolicy"), &manifest)),
            "PodDisruptionBudget" => {
                drop(typed::<PodDisruptionBudget>(&kind("PodDisruptionBudget"), &manifest));
            }
            other => panic!("{file}: nobody judges a {other}"),
        }
    }
}

/// What the types do not ask for: no root, no writing, a bound on memory, somebody who asks whether
/// it works, and no secret in the text.
fn runs_safely(
    file: &str,
    template: &PodTemplateSpec,
    selected: Option<&std::collections::BTreeMap<String, String>>,
) {
    let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
    assert_eq!(labels, selected, "{file} selects its own pods");
    let pod: &PodSpec = template.spec.as_ref().unwrap();
    let security = pod.security_context.as_ref().unwrap();
    assert_eq!(security.run_as_non_root, Some(true), "{file}");
    assert_eq!(security.seccomp_profile.as_ref().unwrap().type_, "RuntimeDefault", "{file}");
    for container in &pod.containers {
        let security = container.security_context.as_ref().unwrap();
        assert_eq!(security.allow_privilege_escalation, Some(false), "{file}");
        assert_eq!(security.read_only_root_filesystem, Some(true), "{file}");
        assert_eq!(security.capabilities.as_ref().unwrap().drop, Some(vec!["ALL".to_owned()]), "{file}");
        assert!(
            container.resources.as_ref().unwrap().limits.as_ref().unwrap().contains_key("memory"),
            "{file}"
        );
        assert!(container.readiness_probe.is_some() && container.liveness_probe.is_some(), "{file}");
        let image = container.image.as_ref().unwrap();
        assert!(image.contains(':') && !image.ends_with(":latest"), "{file}: {image} is no version");
        for variable in container.env.iter().flatten() {
            let secret = ["PASSWORD", "DATABASE", "PROVIDER"].iter().any(|word| variable.name.contains(word));
            assert!(!secret || variable.value.is_none(), "{file}: {} belongs into a secret", variable.name);
        }
    }
}

#[test]
fn a_field_that_kubernetes_does_not_know_is_noticed() {
    let misspelt: Value = serde_yaml_ng::from_str("spec: {replicas: 1, selektor: {}}").unwrap();
    let got = std::panic::catch_unwind(|| typed::<Deployment>("x", &misspelt)).unwrap_err();
    assert!(got.downcast_ref::<String>().unwrap().contains("selektor"));
}

/// The file with its merges done, as Compose reads it.
fn compose() -> serde_json::Value {
    let mut file = yaml("compose.yaml").remove(0);
    file.apply_merge().unwrap();
    serde_json::to_value(file).unwrap()
}

#[test]
fn the_compose_file_keeps_to_the_specification() {
    let schema = serde_json::from_str(include_str!("deploy/compose-spec.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let compose = compose();
    let faults: Vec<String> =
        validator.iter_errors(&compose).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));

    let mut misspelt = compose;
    misspelt["services"]["redis"]["imige"] = "redis:7".into();
    assert!(!validator.is_valid(&misspelt), "the schema refuses what it does not know");
}

#[test]
fn the_compose_file_names_only_what_it_has_and_no_password() {
    let compose = compose();
    let services = compose["services"].as_object().unwrap();
    let names = |kind: &str| compose[kind].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let (networks, volumes) = (names("networks"), names("volumes"));
    let mut variables = BTreeSet::new();
    for (name, service) in services {
        let listed = |key: &str| -> Vec<String> {
            match &service[key] {
                serde_json::Value::Object(map) => map.keys().cloned().collect(),
                serde_json::Value::Array(list) => {
                    list.iter().map(|item| item.as_str().unwrap().to_owned()).collect()
                }
                _ => Vec::new(),
            }
        };
        assert!(listed("networks").iter().all(|network| networks.contains(network)), "{name}");
        assert!(listed("depends_on").iter().all(|other| services.contains_key(other)), "{name}");
        for volume in listed("volumes") {
            let source = volume.split(':').next().unwrap();
            let file = source.starts_with("./") && deploy().join(source).exists();
            assert!(file || volumes.contains(source), "{name}: {volume}");
        }
        for (key, value) in service["environment"].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap();
            if key.ends_with("PASSWORD") {
                assert!(value.starts_with("${"), "{name}: {key}");
            }
            if key.starts_with("TICKETING_DATABASE") || key == "TICKETING_PAYMENT_PROVIDER" {
                assert!(value.contains(":${") && value.contains("_PASSWORD:?}@postgres/"), "{name}: {key}");
            }
            variables.extend(
                value.split("${").skip(1).map(|rest| rest.split([':', '}']).next().unwrap().to_owned()),
            );
        }
    }
    let example = text("compose.env.example");
    let explained: BTreeSet<String> =
        example.lines().filter_map(|line| line.strip_suffix('=').map(str::to_owned)).collect();
    assert_eq!(variables, explained, "compose.env.example lists every variable, without a value");
}

/// Compose and Kubernetes run the same roles, in the numbers that the cluster is made of.
#[test]
fn the_compose_file_runs_the_cluster_of_the_product() {
    let compose = compose();
    let mut roles: Vec<&str> = Vec::new();
    let mut brokers = 0;
    for service in compose["services"].as_object().unwrap().values() {
        if let Some([.., flag, role]) = service["command"].as_array().map(Vec::as_slice)
            && flag == "--role"
        {
            roles.push(role.as_str().unwrap());
        }
        let environment = &service["environment"];
        if environment["KAFKA_NODE_ID"].is_string() {
            brokers += 1;
            assert_eq!(environment["KAFKA_DEFAULT_REPLICATION_FACTOR"], "3");
            assert_eq!(environment["KAFKA_MIN_INSYNC_REPLICAS"], "2");
        }
    }
    assert_eq!(roles.iter().filter(|role| **role == "seat-reservation").count(), 2);
    let manifests = text("kubernetes/services.yaml");
    let orchestrated: BTreeSet<&str> = manifests
        .lines()
        .filter_map(|line| line.trim().strip_prefix("args: [serve, --role, ")?.strip_suffix(']'))
        .collect();
    assert_eq!(roles.into_iter().collect::<BTreeSet<_>>(), orchestrated, "each role runs in both");
    assert!(orchestrated.len() >= 3, "{orchestrated:?}");
    assert_eq!(brokers, 3);
}

/// `HADOLINT` names the program; `make test` fetches it.
#[test]
fn hadolint_has_nothing_against_the_dockerfile() {
    let hadolint =
        env::var_os("HADOLINT").expect("HADOLINT names the linter of Dockerfiles: run `make test`");
    judged(Command::new(hadolint).arg(deploy().join("Dockerfile")));
    let last_stage = text("Dockerfile");
    let last_stage = last_stage.rsplit("\nFROM ").next().unwrap();
    assert!(
        last_stage.contains("\nUSER 10001:10001\n") && last_stage.contains("\nHEALTHCHECK "),
        "{last_stage}"
    );
}

/// The image is built with the versions that everyone builds with.
#[test]
fn the_dockerfile_builds_with_the_pinned_rust_and_node() {
    let dockerfile = text("Dockerfile");
    let toolchain = text("../rust-toolchain.toml");
    let rust = toolchain.split_once("channel = \"").unwrap().1.split('"').next().unwrap();
    assert!(dockerfile.contains(&format!("\nFROM rust:{rust}-")), "Rust {rust} is pinned");
    let packages = yaml("../web/package.json").remove(0);
    let node = packages["devDependencies"]["node"].as_str().unwrap();
    assert!(dockerfile.contains(&format!("\nFROM node:{node}-")), "Node {node} is pinned");
}

/// A clone of what sets RocksDB up.
fn clone_for_rocksdb() -> Folder {
    let clone = Folder::temporary().unwrap();
    for file in ["Cargo.lock", "deploy/rocksdb/pom.xml", "scripts/install-packages", "scripts/setup-rocksdb"]
    {
        let copy = clone.path().join(file);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(deploy().join("..").join(file), copy).unwrap();
    }
    clone
}

fn set_rocksdb_up(clone: &Folder, folder: &Path) -> Command {
    let mut command = Command::new(clone.path().join("scripts/setup-rocksdb"));
    command.current_dir(clone.path()).args([folder.join("rocksdb"), folder.join("target")]);
    command
}

/// Maven keeps a marker of what it unpacked beside the project file. One left in the clone makes it
/// skip the next machine's library.
#[test]
fn rocksdb_is_fetched_again_for_another_folder() {
    let clone = clone_for_rocksdb();
    for name in ["first", "second"] {
        let folder = clone.path().join(name);
        judged(&mut set_rocksdb_up(&clone, &folder));
        // Without Maven and apt-get the script writes no configuration, and RocksDB is compiled.
        let linked = clone.path().join(".cargo/config.toml").exists();
        assert_eq!(folder.join("target/release/librocksdb.so").exists(), linked, "{name}");
    }
    let left: Vec<_> = fs::read_dir(clone.path().join("deploy/rocksdb"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["pom.xml"], "nothing is written into the sources");
}

/// On a machine without Maven whose `apt-get` may install nothing.
#[test]
fn rocksdb_is_compiled_where_it_cannot_be_fetched() {
    let clone = clone_for_rocksdb();
    let tools = clone.path().join("tools");
    fs::create_dir(&tools).unwrap();
    let needed = ["bash", "dirname", "env", "getconf", "grep", "head", "rm", "sed", "sha256sum", "uname"];
    for tool in needed {
        std::os::unix::fs::symlink(Path::new("/usr/bin").join(tool), tools.join(tool)).unwrap();
    }
    std::os::unix::fs::symlink("/usr/bin/false", tools.join("apt-get")).unwrap();
    fs::write(clone.path().join("scripts/install-packages"), "#!/usr/bin/env bash\napt-get\n").unwrap();
    let config = clone.path().join(".cargo/config.toml");
    fs::create_dir(config.parent().unwrap()).unwrap();
    fs::write(&config, "# Of another day, when Maven was there.").unwrap();
    let output = judged(set_rocksdb_up(&clone, clone.path()).env("PATH", &tools));
    assert!(String::from_utf8_lossy(&output.stderr).contains("RocksDB is compiled"), "{output:?}");
    assert!(!config.exists(), "Cargo compiles RocksDB");
}

#[test]
fn systemd_takes_the_unit_and_finds_it_closed() {
    let folder = Folder::temporary().unwrap();
    let unit = folder.path().join("ticketing@.service");
    // The judge wants the program to be there.
    let text = text("systemd/ticketing@.service").replace("/usr/local/bin/ticketing", "/bin/true");
    fs::write(&unit, text).unwrap();
    let verified = judged(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit));
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    let against: Vec<&str> = said.lines().filter(|line| line.contains("ticketing")).collect();
    assert!(against.is_empty(), "{against:?}");

    // Of 10, in tenths: above 2 it would be open to more than it needs.
    judged(Command::new("systemd-analyze").args(["security", "--offline=yes", "--threshold=20"]).arg(&unit));
}

#[test]
fn haproxy_takes_its_configuration_with_and_without_tls() {
    let check = || {
        let mut command = Command::new("haproxy");
        command.env("PATH", "/usr/sbin:/usr/bin:/bin").args(["-c", "-q", "-f"]);
        // The machine knows none of the default names.
        command.arg(deploy().join("haproxy/haproxy.cfg")).env("TICKETING_DOMAIN", ".invalid:8080");
        command
    };
    judged(&mut check());

    let folder = Folder::temporary().unwrap();
    let pair = folder.path().join("pair.pem");
    judged(
        Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-batch",
            ])
            .args(["-subj", "/CN=localhost", "-days", "1", "-keyout"])
            .arg(&pair)
            .arg("-out")
            .arg(folder.path().join("certificate.pem")),
    );
    let certificate = fs::read_to_string(folder.path().join("certificate.pem")).unwrap();
    let key = fs::read_to_string(&pair).unwrap();
    fs::write(&pair, certificate + &key).unwrap();
    judged(check().env("TICKETING_CERTIFICATE", &pair));
}

/// The program under test: `TICKETING_BIN`, or `ticketing` in the same target folder as this test.
fn product() -> PathBuf {
    env::var_os("TICKETING_BIN").map_or_else(
        || env::current_exe().unwrap().parent().and_then(Path::parent).unwrap().join("ticketing"),
        PathBuf::from,
    )
}

#[test]
fn the_product_takes_the_settings_of_the_example() {
    let output = judged(
        Command::new(product()).arg("config").arg("--config").arg(deploy().join("cluster.toml")).env_clear(),
    );
    let got = String::from_utf8_lossy(&output.stdout).into_owned();
    for expect in ["kafka-1.example:9092", "kafka_replication = 3", "192.0.2.10"] {
        assert!(got.contains(expect), "{got}");
    }
}

/// A variable that the product does not know would be ignored without a word.
#[test]
fn every_variable_is_one_that_the_product_reads() {
    let help = judged(Command::new(product()).args(["serve", "--help"]));
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let compose = text("compose.yaml");
    let proxy = text("haproxy/haproxy.cfg");
    let mut checked = 0;
    let files =
        ["Dockerfile", "systemd/ticketing@.service", "kubernetes/settings.yaml", "kubernetes/services.yaml"];
    for text in files.map(text).into_iter().chain([compose]) {
        for name in text.split(|c: char| !c.is_ascii_uppercase() && c != '_' && !c.is_ascii_digit()) {
            if name.starts_with("TICKETING_") && name != "TICKETING_DATABASE_" {
                checked += 1;
                let read = ["=", "]"].iter().any(|end| help.contains(&format!("[env: {name}{end}")));
                assert!(read || proxy.contains(name), "nobody reads {name}");
            }
        }
    }
    assert!(checked > 20, "next to nothing was looked at");
}
