# run     build Doorward, make an organization, an owner and an application, and sign a device in: make run [FRESH=1] [PORT=8081]
# test    everything that must hold before a change goes in, on both databases
# check   the part of it that needs no server and no database
# bench   the release build's pace on this machine
# dist    the two programs for shipping, in target/dist
# regen   the files that are made from the sources: config.example.toml, docs/security-cases.md

MAKEFLAGS += --no-print-directory
.PHONY: run test check bench dist regen

run:
	@PORT='$(PORT)' FRESH='$(FRESH)' crates/e2e/tools/run

test:
	@crates/e2e/tools/test

check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo test --workspace --lib --locked

bench:
	cargo build --release --locked --package doorward-server
	FSYNC=on crates/e2e/tools/with-postgres cargo bench --locked --package doorward-e2e --bench pace --bench sign_ins --bench tenants

dist:
	cargo build --profile dist --locked --package doorward-server --package doorward-cli
	@cd $${CARGO_TARGET_DIR:-target}/dist && ls -l doorward-server doorward && sha256sum doorward-server doorward

regen:
	cargo build --locked --package doorward-server
	$${CARGO_TARGET_DIR:-target}/debug/doorward-server config-example >config.example.toml.new
	mv config.example.toml.new config.example.toml
	crates/e2e/tools/cases
