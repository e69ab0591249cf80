#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/text.hpp"

#include <numeric>

namespace kiln::jsonata {

namespace {

using Later = std::function<bool(std::uint32_t, std::uint32_t)>;

void merge_sort(std::span<std::uint32_t> order, std::span<std::uint32_t> room, const Later& later) {
    if (order.size() <= 1) {
        return;
    }
    const auto middle = order.size() / 2;
    const auto left = order.first(middle);
    const auto right = order.subspan(middle);
    merge_sort(left, room.first(middle), later);
    merge_sort(right, room.subspan(middle), later);
    std::size_t a = 0;
    std::size_t b = 0;
    for (auto& place : room) {
        const bool take_right = b < right.size() && (a == left.size() || later(left[a], right[b]));
        place = take_right ? right[b++] : left[a++];
    }
    std::copy(room.begin(), room.end(), order.begin());
}

bool is_key(Value value) {
    return value.is(Kind::number) || value.is(Kind::string);
}

/// Below 0: `left` stands before `right`.
int compare_keys(Value left, Value right, const Node& node) {
    if (!left.defined() || !right.defined()) {
        return left.defined() ? -1 : right.defined() ? 1 : 0;
    }
    if (!is_key(left) || !is_key(right)) {
        throw Failure{"T2008", node.position}.about(describe(is_key(left) ? right : left));
    }
    if (left.kind != right.kind) {
        Failure failure{"T2007", node.position};
        failure.value = describe(left);
        failure.value2 = describe(right);
        throw failure;
    }
    if (left.is(Kind::string)) {
        return compare_utf16(left.text(), right.text());
    }
    return left.number == right.number ? 0 : left.number < right.number ? -1 : 1;
}

/// The values by which items are ordered, each found when first wanted.
class Keys {
  public:
    Keys(Evaluator& evaluator, const Node& node, Value items, Frame* frame)
        : evaluator_{evaluator},
          node_{node},
          items_{items},
          frame_{frame},
          known_(size_of(items) * node.terms.size()) {}

    bool later(std::uint32_t left, std::uint32_t right) {
        for (std::size_t term = 0; term < node_.terms.size(); ++term) {
            const auto a = key(left, term);
            const auto b = key(right, term);
            auto order = compare_keys(a, b, node_);
            if (order != 0) {
                const bool both = a.defined() && b.defined();
                order = both && node_.terms[term].descending ? -order : order;
                return order > 0;
            }
        }
        return false;
    }

  private:
    Value key(std::uint32_t item, std::size_t term) {
        auto& known = known_[item * node_.terms.size() + term];
        if (!known) {
            const auto value = item_of(items_, item);
            const bool tuple = value.is(Kind::tuple);
            known = evaluator_.evaluate(
                *node_.terms[term].expression,
                tuple ? value.tuple->value : value,
                tuple ? evaluator_.frame_of(*value.tuple, frame_) : frame_
            );
        }
        return *known;
    }

    Evaluator& evaluator_;
    const Node& node_;
    Value items_;
    Frame* frame_;
    std::vector<std::optional<Value>> known_;
};

}  // namespace

std::vector<std::uint32_t> sorted_order(std::size_t count, const Later& later) {
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0U);
    std::vector<std::uint32_t> room(count);
    merge_sort(order, room, later);
    return order;
}

Value Evaluator::sort(const Node& node, Value input, Frame* frame) {
    const auto count = size_of(input);
    if (count <= 1) {
        return input;
    }
    arena_.check_room(count * node.terms.size() * sizeof(std::optional<Value>));
    Keys keys{*this, node, input, frame};
    auto* const out = arena_.make<Array>();
    out->reserve(arena_, count);
    for (const auto index :
         sorted_order(count, [&](auto left, auto right) { return keys.later(left, right); })) {
        out->push(arena_, item_of(input, index));
    }
    return Value::of(out);
}

}  // namespace kiln::jsonata
