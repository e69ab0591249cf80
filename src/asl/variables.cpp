#include "asl/variables.hpp"

#include <set>

namespace kiln::asl {

namespace {

/// Gathers the variables that what it is given reads.
class Collector {
  public:
    [[nodiscard]] std::vector<std::string> names() && {
        names_.erase("states");
        names_.insert(references_.variables.begin(), references_.variables.end());
        return {names_.begin(), names_.end()};
    }

    void add(const jsonpath::Path& path) {
        if (path.root().kind == jsonpath::RootKind::variable) {
            names_.insert(path.root().variable);
        }
    }

    void add(const jsonpath::Template& value) { value.collect(references_); }

    void add(const jsonpath::Intrinsic& value) { value.collect(references_); }

    void add(const json::value&) {}

    void add(const JsonataField& field) {
        for (const auto& reference : field.expression.references().variables) {
            if (!reference.function && !reference.variable.empty() && reference.variable != "$") {
                names_.insert(reference.variable);
            }
        }
    }

    void add(const JsonataTemplate& value) {
        std::visit([this](const auto& each) { add(each); }, value.node);
    }

    void add(const JsonataTemplate::Array& values) {
        for (const auto& value : values) {
            add(value);
        }
    }

    void add(const JsonataTemplate::Object& members) {
        for (const auto& member : members) {
            add(member.value);
        }
    }

    void add(const Setting& setting) {
        std::visit([this](const auto& each) { add(each); }, setting.value);
    }

    void add(const PathSetting& setting) { add(setting.path); }

    void add(const Assignments& assign) {
        std::visit([this](const auto& each) { add(each); }, assign.values);
    }

    template <class T>
    void add(const std::optional<T>& value) {
        if (value) {
            add(*value);
        }
    }

    void add(const Catcher& catcher) {
        add(catcher.output);
        add(catcher.assign);
    }

    void add(const Condition& condition) {
        std::visit([this](const auto& each) { add(each); }, condition.test);
    }

    void add(const Comparison& comparison) {
        add(comparison.variable);
        std::visit([this](const auto& each) { add(each); }, comparison.operand);
    }

    void add(const std::vector<Condition>& conditions) {
        for (const auto& each : conditions) {
            add(each);
        }
    }

    void add(const AllOf& all) { add(all.conditions); }

    void add(const AnyOf& any) { add(any.conditions); }

    void add(const NoneOf& none) { add(none.condition); }

    void add(const PassFields&) {}

    void add(const SucceedFields&) {}

    void add(const ParallelFields&) {}

    void add(const TaskFields& task) {
        add(task.timeout);
        add(task.heartbeat);
        add(task.credentials);
    }

    void add(const ChoiceFields& choice) {
        for (const auto& rule : choice.rules) {
            add(rule.condition);
            add(rule.assign);
            add(rule.output);
        }
    }

    void add(const WaitFields& wait) { add(wait.until); }

    void add(const FailFields& fail) {
        add(fail.error);
        add(fail.cause);
    }

    void add(const MapFields& map) {
        add(map.items);
        add(map.item_selector);
        add(map.max_concurrency);
        add(map.tolerated_count);
        add(map.tolerated_percentage);
        if (map.reader) {
            add(map.reader->parameters);
            add(map.reader->max_items);
        }
        if (map.batcher) {
            add(map.batcher->max_items);
            add(map.batcher->max_bytes);
            add(map.batcher->input);
        }
        if (map.writer) {
            add(map.writer->parameters);
        }
    }

    void add(const State& state) {
        add(state.input_path);
        add(state.output_path);
        add(state.result_selector);
        add(state.parameters);
        add(state.output);
        add(state.assign);
        for (const auto& catcher : state.catchers) {
            add(catcher);
        }
        std::visit([this](const auto& each) { add(each); }, state.fields);
    }

  private:
    std::set<std::string> names_;
    jsonpath::References references_;
};

void collect(const StateGroup& group, json::object& out) {
    for (const auto& state : group.states) {
        const auto names = variables_of(state);
        if (!names.empty()) {
            out[state.name] = json::array(names.begin(), names.end());
        }
        if (const auto* const parallel = std::get_if<ParallelFields>(&state.fields)) {
            for (const auto& branch : parallel->branches) {
                collect(branch, out);
            }
        }
        if (const auto* const map = std::get_if<MapFields>(&state.fields)) {
            collect(map->processor, out);
        }
    }
}

}  // namespace

std::vector<std::string> variables_of(const State& state) {
    Collector collector;
    collector.add(state);
    return std::move(collector).names();
}

json::object variable_references(const StateMachine& machine) {
    json::object out;
    collect(machine.top, out);
    return out;
}

}  // namespace kiln::asl
