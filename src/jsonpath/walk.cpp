#include "jsonpath/walk.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::jsonpath {

namespace {

constexpr std::size_t kDeepestScan = 1000;

const json::value* single(const Step& step, const json::value& value) noexcept {
    if (step.kind == Step::Kind::name) {
        const auto* object = value.if_object();
        return object == nullptr ? nullptr : object->if_contains(step.names.front());
    }
    const auto* array = value.if_array();
    return array == nullptr ? nullptr : element(*array, step.indexes.front());
}

json::object picked(const Step& step, const json::object& from) {
    json::object made;
    for (const auto& name : step.names) {
        if (const auto* value = from.if_contains(name); value != nullptr) {
            made[name] = *value;
        }
    }
    return made;
}

/// Collects what an indefinite path leads to, in the document's order.
class Walk {
  public:
    Walk(const Program& program, const json::value& document, Budget& budget)
        : steps_{program.steps}, document_{document}, budget_{budget} {}

    void from(const json::value& value, std::size_t at) {
        budget_.spend();
        if (at == steps_.size() || steps_[at].kind == Step::Kind::length) {
            found_.push_back(value);
            return;
        }
        const auto& step = steps_[at];
        switch (step.kind) {
            case Step::Kind::name:
            case Step::Kind::index:
                go(single(step, value), at + 1);
                break;
            case Step::Kind::names:
                names(step, value, at + 1);
                break;
            case Step::Kind::indexes:
                indexes(step, value, at + 1);
                break;
            case Step::Kind::slice:
                slice(step, value, at + 1);
                break;
            case Step::Kind::wildcard:
                children(value, at + 1);
                break;
            case Step::Kind::scan:
                scan(value, at + 1, 0);
                break;
            case Step::Kind::filter:
                filter(step, value, at + 1);
                break;
            case Step::Kind::length:
                break;
        }
    }

    json::array take() && { return std::move(found_); }

  private:
    void go(const json::value* value, std::size_t at) {
        if (value != nullptr) {
            from(*value, at);
        }
    }

    void names(const Step& step, const json::value& value, std::size_t next) {
        const auto* object = value.if_object();
        if (object == nullptr) {
            return;
        }
        if (next == steps_.size()) {
            found_.push_back(picked(step, *object));
            return;
        }
        for (const auto& name : step.names) {
            go(object->if_contains(name), next);
        }
    }

    void indexes(const Step& step, const json::value& value, std::size_t next) {
        if (const auto* array = value.if_array(); array != nullptr) {
            for (const auto index : step.indexes) {
                go(element(*array, index), next);
            }
        }
    }

    void slice(const Step& step, const json::value& value, std::size_t next);

    void children(const json::value& value, std::size_t next) {
        if (const auto* array = value.if_array(); array != nullptr) {
            for (const auto& child : *array) {
                from(child, next);
            }
        } else if (const auto* object = value.if_object(); object != nullptr) {
            for (const auto& member : *object) {
                from(member.value(), next);
            }
        }
    }

    void scan(const json::value& value, std::size_t next, std::size_t depth) {
        if (!value.is_structured()) {
            return;
        }
        if (depth > kDeepestScan) {
            budget_.give_up("the document is nested too deep for '..'");
        }
        budget_.spend();
        if (takes(steps_[next], value)) {
            from(value, next);
        }
        if (const auto* array = value.if_array(); array != nullptr) {
            for (const auto& child : *array) {
                scan(child, next, depth + 1);
            }
        } else {
            for (const auto& member : value.get_object()) {
                scan(member.value(), next, depth + 1);
            }
        }
    }

    /// Below `..` a filter looks at each value once: at its own place, not again as an element.
    bool takes(const Step& step, const json::value& value) {
        return step.kind != Step::Kind::filter || accepts(*step.filter, value, document_, budget_);
    }

    void filter(const Step& step, const json::value& value, std::size_t next) {
        if (const auto* array = value.if_array(); array != nullptr) {
            for (const auto& child : *array) {
                if (accepts(*step.filter, child, document_, budget_)) {
                    from(child, next);
                }
            }
        } else if (value.is_object() && accepts(*step.filter, value, document_, budget_)) {
            from(value, next);
        }
    }

    const std::vector<Step>& steps_;
    const json::value& document_;
    Budget& budget_;
    json::array found_;
};

/// Jayway's: with both bounds a negative one counts each index from the end by itself.
void Walk::slice(const Step& step, const json::value& value, std::size_t next) {
    const auto* array = value.if_array();
    if (array == nullptr) {
        return;
    }
    const auto length = static_cast<std::int64_t>(array->size());
    auto first = step.from.value_or(0);
    auto last = step.to.value_or(length);
    if (!step.to && first < 0) {
        first = std::max<std::int64_t>(0, length + first);
    }
    if (!step.from && last < 0) {
        last = length + last;
    }
    first = std::max(first, -length);
    last = std::min(last, length);
    for (auto index = first; index < last; ++index) {
        go(element(*array, index), next);
    }
}

Match length_of(const json::value* value) {
    if (value == nullptr || !value->is_structured()) {
        return {};
    }
    return Match{json::value(static_cast<std::int64_t>(
        value->is_array() ? value->get_array().size() : value->get_object().size()
    ))};
}

}  // namespace

void Budget::spend(std::size_t visits) {
    if (visits > left_) {
        give_up("the path visits more than 1000000 values");
    }
    left_ -= visits;
}

void Budget::give_up(std::string_view why) const {
    throw PathError{Fault::limit, std::string{expression_}, 0, std::string{why}};
}

const json::value* element(const json::array& array, std::int64_t index) noexcept {
    const auto length = static_cast<std::int64_t>(array.size());
    const auto place = index < 0 ? index + length : index;
    return place < 0 || place >= length ? nullptr : &array[static_cast<std::size_t>(place)];
}

const json::value* follow(const Program& program, const json::value& start) noexcept {
    const auto* value = &start;
    for (const auto& step : program.steps) {
        value = single(step, *value);
        if (value == nullptr) {
            return nullptr;
        }
    }
    return value;
}

Match evaluate(
    const Program& program, const json::value& start, const json::value& document, Budget& budget
) {
    if (program.simple) {
        return Match{follow(program, start)};
    }
    if (!program.definite) {
        Walk walk{program, document, budget};
        walk.from(start, 0);
        return Match{json::value(std::move(walk).take())};
    }
    // Definite, but made: the last step picks several names, or is length().
    const auto* value = &start;
    const auto& last = program.steps.back();
    const auto leading = program.steps.size() - 1;
    const auto simple_head = std::all_of(
        program.steps.begin(),
        program.steps.begin() + static_cast<std::ptrdiff_t>(leading),
        [](const Step& step) {
            return step.kind == Step::Kind::name || step.kind == Step::Kind::index;
        }
    );
    if (!simple_head) {
        Walk walk{program, document, budget};
        walk.from(start, 0);
        const json::value all = std::move(walk).take();
        return length_of(&all);
    }
    for (std::size_t i = 0; i < leading && value != nullptr; ++i) {
        value = single(program.steps[i], *value);
    }
    if (last.kind == Step::Kind::length) {
        return length_of(value);
    }
    const auto* object = value == nullptr ? nullptr : value->if_object();
    return object == nullptr ? Match{} : Match{json::value(picked(last, *object))};
}

}  // namespace kiln::jsonpath
