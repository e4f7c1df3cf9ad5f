//! The load generator as a program: one command a line on standard input, one answer a line on
//! standard output, both JSON.
//!
//! `{"do":"offer","publishes":true,"slots":0,"payload_bytes":1100}` → `{"id":0,"sdp":"…"}`;
//! `{"do":"accept","id":0,"sdp":"…"}`; `{"do":"answer","sdp":"…"}` → `{"id":1,"sdp":"…"}`;
//! `{"do":"connect","seconds":20}` → `{"profiles":["…"]}`;
//! `{"do":"run","packets_per_second":100,"warm_up_ms":500,"window_ms":3000,"processes":[1]}` → what
//! the window saw; `{"do":"baseline","packets":2000,"bytes":1136}`; `{"do":"clear"}`;
//! `{"do":"ports"}`. A refused command answers `{"error":"…","is_theirs":false}`. The end of
//! standard input ends the program.

use std::{
    io::{self, BufRead, Write},
    net::Ipv4Addr,
    process::ExitCode,
    sync::mpsc::{self, TryRecvError},
    time::Duration,
};

use parley_load::{
    LoadError,
    load::{EndpointPlan, Generator, GeneratorConfig, Window, WindowPlan},
    spread::Spread,
};
use serde_json::{Map, Value, json};

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is closed, too.
            let _ = writeln!(io::stderr(), "parley-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), LoadError> {
    let mut generator = Generator::new(&arguments()?)?;
    let (commands, waiting) = mpsc::channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if commands.send(line).is_err() {
                return;
            }
        }
    });
    loop {
        match waiting.try_recv() {
            Ok(line) => {
                let answer = carry_out(&mut generator, &line).unwrap_or_else(
                    |error| json!({"error": error.to_string(), "is_theirs": error.is_theirs()}),
                );
                answer_with(&answer)?;
            }
            Err(TryRecvError::Empty) => generator.idle(),
            Err(TryRecvError::Disconnected) => return Ok(()),
        }
    }
}

/// The first address of the endpoints and the number of sockets.
fn arguments() -> Result<GeneratorConfig, LoadError> {
    let mut arguments = std::env::args().skip(1);
    let unusable = || LoadError::Command("parley-load FIRST-ADDRESS [SOCKETS]".to_owned());
    let first_address: Ipv4Addr = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .ok_or_else(unusable)?;
    let sockets = arguments
        .next()
        .map_or(Ok(4), |text| text.parse())
        .map_err(|_| unusable())?;
    Ok(GeneratorConfig {
        first_address,
        sockets,
    })
}

fn answer_with(answer: &Value) -> Result<(), LoadError> {
    let failed = |source| LoadError::System {
        what: "answer",
        source,
    };
    let mut output = io::stdout().lock();
    writeln!(output, "{answer}").map_err(failed)?;
    output.flush().map_err(failed)
}

fn carry_out(generator: &mut Generator, line: &str) -> Result<Value, LoadError> {
    let command: Value =
        serde_json::from_str(line).map_err(|error| LoadError::Command(error.to_string()))?;
    let number = |name: &str| command[name].as_u64();
    let text = |name: &str| command[name].as_str().unwrap_or_default();
    let millis = |name: &str| Duration::from_millis(number(name).unwrap_or(0));
    let count = |name: &str| usize::try_from(number(name).unwrap_or(0)).unwrap_or(usize::MAX);
    match text("do") {
        "offer" => {
            let plan = EndpointPlan {
                is_publisher: command["publishes"].as_bool().unwrap_or(false),
                slots: count("slots"),
                payload_bytes: count("payload_bytes"),
            };
            let (id, sdp) = generator.offer(plan)?;
            Ok(json!({"id": id, "sdp": sdp}))
        }
        "accept" => generator
            .accept(count("id"), text("sdp"))
            .map(|()| json!({})),
        "answer" => {
            let (id, sdp) = generator.answer(text("sdp"))?;
            Ok(json!({"id": id, "sdp": sdp}))
        }
        "connect" => {
            let patience = Duration::from_secs(number("seconds").unwrap_or(20));
            Ok(json!({"profiles": generator.connect(patience)?}))
        }
        "run" => {
            let processes = command["processes"].as_array().into_iter().flatten();
            let plan = WindowPlan {
                packets_per_second: number("packets_per_second").unwrap_or(0),
                warm_up: millis("warm_up_ms"),
                length: millis("window_ms"),
                processes: processes
                    .filter_map(|process| u32::try_from(process.as_u64()?).ok())
                    .collect(),
            };
            Ok(window(&generator.run(&plan)))
        }
        "baseline" => Ok(spread(
            &generator.baseline(count("packets"), count("bytes")),
        )),
        "clear" => {
            generator.clear();
            Ok(json!({}))
        }
        "ports" => Ok(json!({"ports": generator.ports()})),
        unknown => Err(LoadError::Command(format!("no command {unknown:?}"))),
    }
}

fn window(window: &Window) -> Value {
    let oddities: Map<String, Value> = window
        .oddities
        .iter()
        .map(|(name, count)| ((*name).to_owned(), json!(count)))
        .collect();
    json!({
        "seconds": window.seconds,
        "sent": window.sent,
        "expected": window.expected,
        "received": window.received,
        "bytes": window.bytes,
        "streams": window.streams,
        "verified": window.verified,
        "busy_ns": window.busy_ns,
        "own_busy_ns": window.own_busy_ns,
        "delay_ns": spread(&window.delay_ns),
        "slip_ns": spread(&window.slip_ns),
        "oddities": oddities,
    })
}

fn spread(spread: &Spread) -> Value {
    json!({
        "n": spread.samples(),
        "min": spread.least(),
        "p50": spread.percentile(0.50),
        "p95": spread.percentile(0.95),
        "p99": spread.percentile(0.99),
        "max": spread.most(),
    })
}
