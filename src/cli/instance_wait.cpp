#include "cli/instance_wait.hpp"

#include "cli/references.hpp"
#include "cli/table.hpp"
#include "os/interrupt.hpp"
#include "os/programs.hpp"
#include "ports/instance_rules.hpp"

#include <csignal>
#include <map>

#include <fmt/format.h>

#include <unistd.h>

namespace kiln::cli {

using ports::Instance;
using ports::InstanceState;

namespace {

bool passes(InstanceState state) {
    return state == InstanceState::pending || state == InstanceState::stopping ||
           state == InstanceState::shutting_down;
}

std::string name_of(const Instance& instance) {
    const auto name = instance.tags.find("Name");
    return name == instance.tags.end() ? "-" : name->second;
}

}  // namespace

Instance find_instance(ports::Instances& instances, const std::string& reference) {
    ports::InstanceFilter filter;
    if (is_id(id_kind::Instance::prefix, reference)) {
        filter.ids = {InstanceId::parse(reference)};
        return instances.describe(filter).front();
    }
    filter.tags = {{"Name", {literal_pattern(reference)}}};
    filter.states = {
        InstanceState::pending,
        InstanceState::running,
        InstanceState::stopping,
        InstanceState::stopped};
    const auto found = instances.describe(filter);
    if (found.empty()) {
        throw Error{ErrorKind::not_found, fmt::format("there is no instance '{}'", reference)}.hint(
            "an id, i-…, or the tag Name of one; kiln instance list"
        );
    }
    return found.front();
}

std::vector<Instance> wait_settled(
    Context& context, const std::vector<InstanceId>& ids, Deadline deadline
) {
    ports::InstanceFilter filter;
    filter.ids = ids;
    std::map<InstanceId, InstanceState> told;
    const os::StopFd stop{context.stop};
    for (unsigned attempt = 0;; ++attempt) {
        auto all = context.services.machines().instances.describe(filter);
        bool waiting = false;
        for (const auto& one : all) {
            waiting = waiting || passes(one.state);
            const auto [known, fresh] = told.try_emplace(one.id, one.state);
            if ((fresh || known->second != one.state) && !context.quiet && !context.json) {
                context.output.remark(fmt::format(
                    "{} {}{}\n",
                    one.id.str(),
                    ports::to_string(one.state),
                    one.reason.empty() ? "" : ": " + one.reason
                ));
            }
            known->second = one.state;
        }
        if (!waiting) {
            return all;
        }
        if (!os::pause_before_retry(std::min(attempt, 6U), deadline, &stop)) {
            os::throw_if_stopped(context.stop, "wait for instances");
            throw Error{ErrorKind::timed_out, "the instances take longer; they go on by themselves"}
                .hint("kiln instance list");
        }
    }
}

void print_instances(Context& context, const std::vector<Instance>& instances) {
    if (context.json) {
        json::array all;
        for (const auto& one : instances) {
            all.push_back(ports::to_json(one));
        }
        context.output.document(all);
        return;
    }
    Table table{
        {{"ID"}, {"NAME", false, true}, {"TYPE"}, {"STATE"}, {"ADDRESS"}, {"LAUNCHED"}, {"IMAGE"}}};
    for (const auto& one : instances) {
        table.add(
            {one.id.str(),
             name_of(one),
             one.type,
             std::string{ports::to_string(one.state)},
             one.private_ip,
             format_time(one.launched).substr(0, 19) + "Z",
             one.image.str()}
        );
    }
    context.output.print(table.text(context.output.out_terminal()));
}

void become(const std::vector<std::string>& argv) {
    auto words = argv;
    std::vector<char*> pointers;
    for (auto& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    (void)std::signal(SIGPIPE, SIG_DFL);
    ::execvp(pointers[0], pointers.data());
    throw os::no_such_program(argv.front());
}

std::string find_group(ports::SecurityGroups& groups, const std::string& reference) {
    for (const auto& group : groups.describe({})) {
        if (group.id == reference || group.name == reference) {
            return group.id;
        }
    }
    throw Error{ErrorKind::not_found, fmt::format("there is no security group '{}'", reference)}
        .hint("kiln security-group list");
}

}  // namespace kiln::cli
