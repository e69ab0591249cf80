#include "bake/request.hpp"
#include "base/random.hpp"
#include "cli/bake_runner.hpp"
#include "cli/display.hpp"
#include "cli/read_request.hpp"
#include "cli/remote_bake.hpp"
#include "cli/verbs.hpp"
#include "os/interrupt.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::cli::verbs {

namespace {

/// The request with folders and archives named in full: the server's folder is another one.
std::string absolute_request(const std::string& file) {
    const bool from_stdin = file == "-";
    const auto base = from_stdin ? std::filesystem::current_path()
                                 : std::filesystem::absolute(file).parent_path();
    json::value document;
    try {
        document = parse_json(read_request(file));
    } catch (const Error& error) {
        throw error.while_(from_stdin ? "stdin" : file);
    }
    const auto request = bake::parse_request(document, base);
    using Kind = bake::Source::Kind;
    if (request.source.kind == Kind::folder || request.source.kind == Kind::archive) {
        document.at("bootstrap").as_object()["source"] = request.source.location;
    }
    if (request.logs_destination) {
        document.at("logs").as_object()["destination"] = *request.logs_destination;
    }
    return json::serialize(document);
}

std::string random_key() {
    return fmt::format("{:02x}", fmt::join(random_bytes<16>(), ""));
}

ports::BakeRecord follow(
    Context& context, const FollowWorld& world, const ports::BakeRecord& submitted
) {
    Display display{context.output, context.services.clock(), style_of(context), {submitted.name}};
    try {
        auto record = follow_bake(
            world,
            submitted.id,
            [&](const ports::BakeEvent& event) { display.event(0, submitted.id, event); },
            context.stop
        );
        display.over(0, std::string{ports::to_string(record.state)});
        display.close();
        return record;
    } catch (const Error& error) {
        display.over(0, std::string{to_string(error.kind())});
        if (error.kind() == ErrorKind::cancelled) {
            throw Error{ErrorKind::cancelled, fmt::format("bake {} goes on", submitted.id.str())}
                .hint(fmt::format("kiln bake cancel {} ends it", submitted.id.str()));
        }
        throw;
    }
}

int run(Context& context) {
    const auto body = absolute_request(*context.arguments.one("REQUEST"));
    const auto server = context.arguments.one("server");
    const auto find = [&] { return find_address(context.config, server); };
    auto address = find();  // what is wrong with it is said before anything is loaded
    Remote remote{context.services.wire(), std::move(address)};
    const os::StopFd stop_fd{context.stop};
    const FollowWorld world{remote, find, [&](unsigned attempt, Deadline deadline) {
                                return os::pause_before_retry(attempt, deadline, &stop_fd);
                            }};
    const auto key = context.arguments.one("key").value_or(random_key());
    const auto submitted = submit_bake(world, body, key, context.stop);
    if (!context.arguments.has("wait")) {
        if (context.json) {
            context.output.document(
                {{"bake", submitted.id.str()}, {"state", ports::to_string(submitted.state)}}
            );
        } else {
            context.output.line(submitted.id.str());
        }
        return 0;
    }
    return print_outcomes(context, {follow(context, world, submitted)});
}

}  // namespace

Verb bake_submit() {
    return {
        .path = "bake submit",
        .summary = "send a request to a running server",
        .text =
            "Sends the request in the file (`-` is stdin) to the server of this home folder, or "
            "the one of --server (setting server.url), and prints the id of its bake. With --wait "
            "it shows how the bake goes, as `kiln bake` does, prints the id of the image, and "
            "exits as the bake did; a cut connection and a server that is started anew lose "
            "nothing. Ctrl-C stops watching: the bake goes on.\n\n"
            "A bootstrap that is a folder or a file is read by the server: it has to be there "
            "under the same path.",
        .arguments = {{"REQUEST", "a JSON file with one request; - is stdin"}},
        .options =
            {{.name = "wait", .help = "watch the bake until it ends"},
             {.name = "server", .value = "URL", .help = "the server to ask"},
             {.name = "key",
              .value = "KEY",
              .help = "the same key again is the same bake (default: a new one)"}},
        .examples =
            {{"kiln bake submit request.json --wait", "bake on the server, watch it here"},
             {"kiln bake submit request.json --server https://bakery.example:9324",
              "on another host; KILN_TOKEN has its token"}},
        .needs = Needs::nothing,
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
