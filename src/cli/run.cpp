#include "cli/run.hpp"

#include "base/log.hpp"

#include <filesystem>
#include <new>

namespace kiln::cli {

namespace {

/// The one place where what went wrong becomes an exit code.
int report(const Error& error, bool json, const Output& output) noexcept {
    try {
        if (json) {
            output.document(error_document(error));
        } else {
            output.remark(error_text(error, output.err_terminal()));
        }
    } catch (const std::exception&) {
        // stdout is full or gone: the exit code is all that is left to say.
    }
    return exit_code(error.kind());
}

/// What the standard library throws is translated here.
Error translated() {
    try {
        throw;
    } catch (const Error& error) {
        return error;
    } catch (const std::filesystem::filesystem_error& error) {
        return Error::from_errno(error.code().value(), error.what());
    } catch (const std::bad_alloc&) {
        return {ErrorKind::exhausted, "out of memory"};
    } catch (const std::exception& error) {
        return {ErrorKind::internal, error.what()};
    } catch (...) {
        return {ErrorKind::internal, "an exception of an unknown type"};
    }
}

int perform(const Grammar& grammar, const Invocation& invocation, const Process& process) {
    const auto settings = load_settings(process.host, invocation.settings, process.environment);
    const auto config = config_from(settings);
    configure_log(config.log_level, config.log_shape);
    const auto& verb = *invocation.verb;
    if (verb.needs == Needs::mounts) {
        process.enter_private_mounts();
    }
    std::stop_source stop;
    std::stop_source again;
    const auto watch = process.watch_signals(stop, again);
    const auto services = process.services(config, invocation.settings, verb.needs);
    Context context{
        grammar,
        invocation.arguments,
        settings,
        config,
        *services,
        process.output,
        process.version,
        stop.get_token(),
        again.get_token(),
        invocation.json,
        invocation.quiet,
    };
    return verb.run(context);
}

}  // namespace

int run(
    const Grammar& grammar, const std::vector<std::string>& words, const Process& process
) noexcept {
    bool json = wants_json(words);
    try {
        const auto parsed = parse(grammar, words);
        if (std::holds_alternative<ShowVersion>(parsed)) {
            process.output.line("kiln " + process.version);
            return 0;
        }
        if (const auto* help = std::get_if<ShowHelp>(&parsed)) {
            process.output.print(help->text);
            return 0;
        }
        const auto& invocation = std::get<Invocation>(parsed);
        json = invocation.json;
        return perform(grammar, invocation, process);
    } catch (...) {
        return report(translated(), json, process.output);
    }
}

}  // namespace kiln::cli
