//! `callboard serve`: from the command line to a portal that answers, and in order to its end.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use host_config::{Config, Listen};
use host_server::{AppState, Assets, Readiness, ServeOptions};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::{LogArguments, LogFormat, ServeArguments};
use crate::wiring::{self, Portal};
use crate::{bundle, configuration, memory};

/// How long background work may take to end after shutdown has begun: the ten seconds that running calls and steps have,
/// and then a moment for the ends of those that were cut off to be stored.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long open connections are kept after that.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// How often figures that fade are brought up to date, and memory that is free goes back to the system.
const UPKEEP: Duration = Duration::from_secs(5);

/// Serves until the process is asked to end.
pub(crate) fn run(arguments: &ServeArguments, log: &LogArguments) -> anyhow::Result<ExitCode> {
    let format = match log.log_format {
        LogFormat::Text => host_telemetry::LogFormat::Text,
        LogFormat::Json => host_telemetry::LogFormat::Json,
    };
    let telemetry = host_telemetry::init(format, &log.log_level)?;
    let loaded = configuration::load_valid(&arguments.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("callboard")
        .build()
        .context("the server's threads could not be started")?;
    runtime.block_on(serve(arguments, loaded.config, telemetry))?;
    // Threads that wait for something that never comes must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(ExitCode::SUCCESS)
}

async fn serve(arguments: &ServeArguments, config: Config, telemetry: host_telemetry::Handle) -> anyhow::Result<()> {
    let address = listen_address(arguments.listen.as_ref(), &config.backend.listen)?;
    check_exposure(address.ip(), config.auth.allow_guests)?;
    let data = std::path::absolute(&arguments.data).context("the data folder has no absolute path")?;
    prepare_data(&data)?;
    let admin_token = wiring::admin_token(&data)?;
    let store = tokio::task::spawn_blocking({
        let data = data.clone();
        move || host_store::Store::open(&data)
    })
    .await
    .context("the database was not opened")??;

    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; choose another address with --listen"))?;
    let address = listener.local_addr().context("the listener has no address")?;

    let readiness = Arc::new(Readiness::new(["catalog", "plugins"]));
    let streams = CancellationToken::new();
    let metrics = telemetry.clone();
    let assets =
        Assets::new(bundle::site().iter().map(|asset| host_server::Asset { name: asset.name, bytes: asset.bytes }));
    let state = AppState::new(
        wiring::server_options(&config, address, admin_token, wiring::auth(&config, &data, address)),
        assets,
        Arc::clone(&readiness),
        streams.clone(),
        move || metrics.render(),
    );
    let stop = CancellationToken::new();
    let options = ServeOptions { drain: LAST_ANSWERS, ..ServeOptions::default() };
    let server = tokio::spawn(host_server::serve(listener, host_server::router(state.clone()), options, stop.clone()));
    tracing::info!("listening on http://{address}");

    let portal = Portal::start(&config, &data, store).await?;
    state.set_portal(Arc::clone(&portal.local) as Arc<dyn host_api::Portal>);
    let became_ready = announce(&portal, &readiness, address);
    let upkeep = tokio::spawn(keep_up(telemetry));

    let ended_by = wait_for_end().await;
    tracing::info!(signal = ended_by, "shutting down");
    readiness.stop();
    streams.cancel();
    became_ready.abort();
    portal.stop(PATIENCE).await;
    stop.cancel();
    match server.await {
        Ok(result) => result.context("the server broke")?,
        Err(error) => bail!("the server broke: {error}"),
    }
    upkeep.abort();
    portal.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Marks what start-up waits for as done when it is, and says so once all of it is.
fn announce(portal: &Portal, readiness: &Arc<Readiness>, address: SocketAddr) -> tokio::task::JoinHandle<()> {
    let (catalog, plugins) = (portal.catalog_read(), portal.plugins_settled());
    let readiness = Arc::clone(readiness);
    tokio::spawn(async move {
        let read = async {
            catalog.await;
            readiness.done("catalog");
        };
        let settled = async {
            plugins.await;
            readiness.done("plugins");
        };
        tokio::join!(read, settled);
        tracing::info!("ready on http://{address}");
    })
}

async fn keep_up(telemetry: host_telemetry::Handle) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        telemetry.run_upkeep();
        memory::give_back();
    }
}

/// The address to listen on: the flag's, else the configuration's. Where a name has several, an IPv4 address is taken:
/// one portal has one address, and that is what people type.
fn listen_address(flag: Option<&Listen>, configured: &Listen) -> anyhow::Result<SocketAddr> {
    let (listen, said_by) = flag.map_or((configured, "backend.listen"), |flag| (flag, "--listen"));
    let found = (listen.host.as_str(), listen.port)
        .to_socket_addrs()
        .with_context(|| format!("{said_by}: the host {} was not found", listen.host))?;
    found.min_by_key(SocketAddr::is_ipv6).with_context(|| format!("{said_by}: the host {} has no address", listen.host))
}

/// Without sign-in everybody who reaches the portal may use it, so beyond this machine that has to be said.
fn check_exposure(address: IpAddr, allow_guests: bool) -> anyhow::Result<()> {
    if address.is_loopback() {
        return Ok(());
    }
    if !allow_guests {
        bail!(
            "{address} is reached from other machines, and everybody who reaches the portal is a guest of it; \
             set auth.allowGuests: true if that is meant, or listen on 127.0.0.1"
        );
    }
    tracing::warn!(%address, "everybody who reaches this address is a guest of the portal and may read, run templates and use cards");
    Ok(())
}

fn prepare_data(data: &Path) -> anyhow::Result<()> {
    let plugins = data.join("plugins");
    std::fs::create_dir_all(&plugins).with_context(|| format!("the folder {} could not be made", plugins.display()))
}

/// Waits until the process is asked to end, and says how.
async fn wait_for_end() -> &'static str {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM is not listened for");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = interrupted => "SIGINT",
        () = terminated => "SIGTERM",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_this_machine_guests_must_be_allowed() {
        let everywhere = "0.0.0.0".parse().unwrap();
        assert!(check_exposure("127.0.0.1".parse().unwrap(), false).is_ok());
        assert!(check_exposure(everywhere, true).is_ok());
        let error = check_exposure(everywhere, false).unwrap_err().to_string();
        assert!(error.contains("auth.allowGuests"), "{error}");
    }

    #[test]
    fn a_step_that_is_cut_off_has_time_to_be_stored() {
        let steps = host_scaffolder::ScaffolderOptions::new("data").shutdown_patience;
        assert!(PATIENCE >= steps + Duration::from_secs(1), "{PATIENCE:?} {steps:?}");
    }

    #[test]
    fn the_flag_comes_before_the_configuration() {
        let configured = Listen { host: "localhost".to_owned(), port: 7007 };
        let of = |flag: Option<&str>| {
            let flag = flag.map(|flag| Listen::parse(flag).unwrap());
            listen_address(flag.as_ref(), &configured)
        };
        assert_eq!(of(None).unwrap().to_string(), "127.0.0.1:7007");
        for (flag, expected) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("localhost:8080", "127.0.0.1:8080"),
            ("localhost:0", "127.0.0.1:0"),
            ("[::1]:8080", "[::1]:8080"),
        ] {
            assert_eq!(of(Some(flag)).unwrap().to_string(), expected);
        }
        let error = of(Some("nowhere.invalid:80")).unwrap_err().to_string();
        assert!(error.contains("--listen") && error.contains("nowhere.invalid"), "{error}");
    }
}
