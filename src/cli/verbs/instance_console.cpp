#include "cli/instance_wait.hpp"
#include "cli/verbs.hpp"
#include "os/interrupt.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace kiln::cli::verbs {

namespace {

const Argument kWhich{"INSTANCE", "id, or the tag Name of one"};

ports::Instance which(Context& context) {
    return find_instance(context.services.machines().instances, *context.arguments.one("INSTANCE"));
}

bool over(const ports::Instance& instance) {
    return instance.state == ports::InstanceState::stopped ||
           instance.state == ports::InstanceState::terminated;
}

int console(Context& context) {
    auto& instances = context.services.machines().instances;
    const auto id = which(context).id;
    const bool follow = context.arguments.has("follow");
    ports::InstanceFilter filter;
    filter.ids = {id};
    const os::StopFd stop{context.stop};
    std::uint64_t from = 0;
    for (unsigned idle = 0;; ++idle) {
        // In this order: what it wrote before it ended is read after that was seen.
        const bool ended = over(instances.describe(filter).front());
        const auto output = instances.console(id, from);
        if (output.offset > from && from > 0) {
            context.output.remark(
                fmt::format("… {} bytes are no longer there …\n", output.offset - from)
            );
        }
        context.output.print(output.text);
        from = output.offset + output.text.size();
        idle = output.text.empty() ? idle : 0;
        if (!follow || ended) {
            return 0;
        }
        if (!os::pause_before_retry(std::min(idle, 6U), Deadline::never(), &stop)) {
            return 0;  // Ctrl-C is how one leaves
        }
    }
}

int exec(Context& context) {
    const bool terminal = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
    auto argv = context.services.entry_command(which(context).id, terminal);
    auto words = context.arguments.all("COMMAND");
    if (words.empty()) {
        words = {"/bin/sh"};
    }
    argv.insert(argv.end(), words.begin(), words.end());
    become(argv);
}

int ssh(Context& context) {
    const auto instance = which(context);
    auto [host, port] = context.services.ssh_address(instance.id);
    std::vector<std::string> argv{
        "ssh", "-o", "StrictHostKeyChecking=accept-new", "-p", std::to_string(port)};
    if (const auto key = context.arguments.one("identity")) {
        argv.insert(argv.end(), {"-i", *key});
    }
    argv.push_back(context.arguments.one_or("user", "root") + "@" + host);
    const auto& words = context.arguments.all("COMMAND");
    argv.insert(argv.end(), words.begin(), words.end());
    become(argv);
}

int run_keep(Context& context) {
    context.services.keep_instance(
        InstanceId::parse(*context.arguments.one("INSTANCE")), context.stop
    );
    return 0;
}

}  // namespace

Verb instance_console() {
    return {
        .path = "instance console",
        .summary = "print what an instance wrote to its console",
        .text = "The newest mebibyte is kept. With --follow until it ends.",
        .arguments = {kWhich},
        .options = {{.name = "follow", .help = "print what comes", .letter = 'f'}},
        .examples = {{"kiln instance console web-1 --follow", "until it ends"}},
        .needs = Needs::store,
        .run = console,
        .json = false,
    };
}

Verb instance_exec() {
    return {
        .path = "instance exec",
        .summary = "run a command inside an instance",
        .text =
            "For containers (ct.*), with what their processes may do. The exit code is the "
            "command's.",
        .arguments =
            {kWhich,
             {"COMMAND", "a shell where none is given; write -- before it", Argument::Count::any}},
        .examples = {{"kiln instance exec web-1 -- ps ax", "what runs there"}},
        .needs = Needs::store,
        .run = exec,
        .json = false,
    };
}

Verb instance_ssh() {
    return {
        .path = "instance ssh",
        .summary = "log in to an instance by ssh",
        .text = "It needs an sshd in the image and a key that was named at launch.",
        .arguments =
            {kWhich, {"COMMAND", "instead of a shell; write -- before it", Argument::Count::any}},
        .options =
            {{.name = "user", .value = "NAME", .help = "root by default"},
             {.name = "identity", .value = "FILE", .help = "the private key", .letter = 'i'}},
        .examples = {{"kiln instance ssh web-1", "a shell, as root"}},
        .needs = Needs::store,
        .run = ssh,
        .json = false,
    };
}

Verb keep() {
    return {
        .path = "keep",
        .summary = "keep one instance",
        .text = "Started by kiln for each instance that runs.",
        .arguments = {{"INSTANCE", "its id"}},
        .examples = {{"kiln keep i-0123456789abcdef0", "as kiln starts it"}},
        .needs = Needs::mounts,
        .run = run_keep,
        .hidden = true,
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
