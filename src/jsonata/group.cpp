// Objects: written as such, or as the grouping of a path's results.

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"

#include <unordered_map>

namespace kiln::jsonata {

namespace {

constexpr std::size_t kFewKeys = 16;

struct Entry {
    std::string_view key;
    Value items;  ///< what fell under the key: one item, or an array of our own
    bool owned = false;
    std::size_t pair = 0;
};

/// The entries by key, in the order in which they came up.
class Entries {
  public:
    Entry* find(std::string_view key) {
        if (list_.size() > kFewKeys) {
            const auto found = index_.find(key);
            return found == index_.end() ? nullptr : &list_[found->second];
        }
        for (auto& entry : list_) {
            if (entry.key == key) {
                return &entry;
            }
        }
        return nullptr;
    }

    void add(const Entry& entry) {
        list_.push_back(entry);
        if (list_.size() == kFewKeys + 1) {
            for (std::size_t number = 0; number < list_.size(); ++number) {
                index_.emplace(list_[number].key, number);
            }
        } else if (list_.size() > kFewKeys) {
            index_.emplace(entry.key, list_.size() - 1);
        }
    }

    [[nodiscard]] const std::vector<Entry>& list() const { return list_; }

  private:
    std::vector<Entry> list_;
    std::unordered_map<std::string_view, std::size_t> index_;
};

/// Joins two values as `$append` does; the array that this makes grows in place.
void join(Evaluator& evaluator, Value& whole, bool& owned, Value part) {
    if (!part.defined()) {
        return;
    }
    if (!whole.defined()) {
        whole = part;
        return;
    }
    if (!owned) {
        auto* const array = evaluator.arena().make<Array>();
        if (whole.is_array()) {
            append_items(evaluator, whole, *array);
        } else {
            array->push(evaluator.arena(), whole);
        }
        whole = Value::of(array);
        owned = true;
    }
    if (part.is_array()) {
        append_items(evaluator, part, *whole.array);
    } else {
        whole.array->push(evaluator.arena(), part);
    }
}

/// Several tuples as one: each variable has all its values.
Tuple merged(Evaluator& evaluator, Value tuples) {
    Tuple out;
    if (!tuples.is_array()) {  // of an empty stream
        out.value = tuples;
        return out;
    }
    bool value_owned = false;
    std::vector<char> owned;
    for (std::size_t index = 0; index < size_of(tuples); ++index) {
        const auto& tuple = *item_of(tuples, index).tuple;
        join(evaluator, out.value, value_owned, tuple.value);
        for (std::uint32_t number = 0; number < tuple.bindings.size; ++number) {
            const auto& [name, value] = tuple.bindings.items[number];
            if (out.bindings.find(name) == nullptr) {
                out.bindings.set(evaluator.arena(), name, value);
                owned.push_back(0);
                continue;
            }
            for (std::uint32_t at = 0; at < out.bindings.size; ++at) {
                if (out.bindings.items[at].name == name) {
                    bool mine = owned[at] != 0;
                    join(evaluator, out.bindings.items[at].value, mine, value);
                    owned[at] = mine ? 1 : 0;
                }
            }
        }
    }
    return out;
}

void collect(Evaluator& evaluator, const Group& group, Value item, Frame* frame, Entries& entries) {
    const bool tuple = item.is(Kind::tuple);
    auto* const inner = tuple ? evaluator.frame_of(*item.tuple, frame) : frame;
    for (std::size_t pair = 0; pair < group.pairs.size(); ++pair) {
        const auto key =
            evaluator.evaluate(*group.pairs[pair].key, tuple ? item.tuple->value : item, inner);
        if (!key.defined()) {
            continue;
        }
        if (!key.is(Kind::string)) {
            throw Failure{"T1003", group.position}.about(describe(key));
        }
        auto* const entry = entries.find(key.text());
        if (entry == nullptr) {
            entries.add({.key = key.text(), .items = item, .pair = pair});
        } else if (entry->pair != pair) {
            throw Failure{"D1009", group.position}.about(describe(key));
        } else {
            join(evaluator, entry->items, entry->owned, item);
        }
    }
}

}  // namespace

Value Evaluator::group(const Group& group, Value input, Frame* frame) {
    const bool streaming = input.is(Kind::array) && input.array->tuple_stream;
    Entries entries;
    if (input.is_array() && size_of(input) > 0) {
        for (std::size_t index = 0; index < size_of(input); ++index) {
            collect(*this, group, item_of(input, index), frame, entries);
        }
    } else {
        collect(*this, group, input.is_array() ? Value{} : input, frame, entries);
    }
    auto* const out = arena_.make<Object>();
    for (const auto& entry : entries.list()) {
        auto context = entry.items;
        auto* inner = frame;
        if (streaming) {
            const auto tuple = context.is(Kind::tuple) ? *context.tuple : merged(*this, context);
            context = tuple.value;
            inner = frame_of(tuple, frame);
        }
        const auto value = evaluate(*group.pairs[entry.pair].value, context, inner);
        if (value.defined()) {
            out->set(arena_, entry.key, value);
        }
    }
    return Value::of(out);
}

}  // namespace kiln::jsonata
