#pragma once

#include "jsonata/regex.hpp"
#include "jsonata/signature.hpp"
#include "jsonata/value.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kiln::jsonata {

struct Builtin;

enum class NodeType : std::uint8_t {
    end,   ///< the end of the text where an expression should be
    name,  ///< a field; in the finished tree only as a step of a path
    variable,
    string,
    number,
    value,  ///< true, false, null
    regex,
    op,  ///< a word operator that stands for a name, or `?` among arguments
    wildcard,
    descendant,
    parent,
    binary,
    negate,
    array,
    object,
    function,  ///< a call
    partial,
    lambda,
    condition,
    block,
    transform,
    bind,
    apply,
    path,
    sort,
};

/// Operators. Those up to `includes` are evaluated; the rest exist only between parsing and
/// shaping.
enum class Op : std::uint8_t {
    none,
    add,
    subtract,
    multiply,
    divide,
    modulo,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    concat,
    conjunction,
    disjunction,
    range,
    includes,
    dot,
    filter,
    group,
    order,
    assign,
    focus,
    position,
    chain,
};

/// A `%` and where it leads: filled in while the path before it is searched for its parent.
struct Slot {
    std::uint32_t label = 0;
    int level = 1;
    std::size_t index = 0;
};

struct Node;

struct Pair {
    Node* key;
    Node* value;
};

struct Group {
    std::vector<Pair> pairs;
    std::size_t position = 0;
};

/// What happens to a step's results: a filter, or a variable that numbers them (`filter` is null).
struct Stage {
    Node* filter = nullptr;
    std::uint32_t index_name = 0;
};

struct Term {
    Node* expression;
    bool descending;
};

/// A node of the syntax tree, in the form of the parser first and of the evaluator afterwards.
struct Node {
    NodeType type = NodeType::end;
    Op op = Op::none;
    std::size_t position = 0;  ///< behind its token, in bytes
    std::string_view text;     ///< of its token: a name, an operator, the value of a string
    Value value;               ///< of a literal
    std::uint32_t name = 0;    ///< of a variable, or of the field that is called as a function

    Node* lhs = nullptr;       ///< left side, condition, pattern, what is called, a lambda's body
    Node* rhs = nullptr;       ///< right side, then, update
    Node* extra = nullptr;     ///< else, delete
    std::vector<Node*> items;  ///< of an array, a block, a path, arguments, parameters
    std::vector<Term> terms;
    std::vector<Stage> stages;
    std::vector<Stage> predicates;
    std::unique_ptr<Group> group;  ///< an object's own pairs, or the grouping behind an expression

    std::uint32_t focus = 0;       ///< the variable that `@` binds
    std::uint32_t index_name = 0;  ///< the variable that `#` binds
    Slot* ancestor = nullptr;      ///< a `%` further on means this step's context
    Slot* slot = nullptr;          ///< of a `%`
    std::vector<Slot*> seeking;    ///< `%`s whose parent is further out

    const Signature* signature = nullptr;
    const Regex* regex = nullptr;
    const Builtin* builtin = nullptr;  ///< of a variable: what its name means when nothing binds it

    bool keep_array = false;
    bool keep_singleton = false;
    bool constructed = false;  ///< its array is not flattened into the path's result
    bool tuple = false;
    bool plain = false;  ///< a path of field names alone, behind a variable perhaps
    bool thunk = false;  ///< a lambda that stands for a call in tail position
};

/// A compiled expression. Immutable once `compile` has returned it.
struct Program {
    static constexpr std::uint32_t kContext = 1;  ///< the name "": `$`
    static constexpr std::uint32_t kRoot = 2;     ///< the name "$": `$$`
    static constexpr std::uint32_t kClone =
        3;  ///< the name "clone", which the transform operator calls

    explicit Program(std::string_view text);

    std::uint32_t intern(std::string_view name);

    std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }

    Node& add(NodeType type, std::size_t position);

    const std::string source;
    Node* root = nullptr;
    std::deque<Node> nodes;
    std::deque<Slot> slots;
    std::deque<std::string> texts;
    std::deque<Signature> signatures;
    std::deque<Regex> regexes;
    std::vector<std::string_view> names;  ///< by number; 0 is none
    std::unordered_map<std::string_view, std::uint32_t> numbers;
};

/// Parses, without giving the tree its final shape. @throws Failure
void parse(Program& program);

/// Turns the parser's tree into the evaluator's: paths as lists of steps, `%` resolved, tail calls
/// marked. @throws Failure
void shape(Program& program);

}  // namespace kiln::jsonata
