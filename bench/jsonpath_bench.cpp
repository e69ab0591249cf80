/// Measures paths beside plain access to the same value, in nanoseconds for each evaluation.
///
///   jsonpath_bench [ROUNDS]
///
/// Prints one JSON document.
#include "base/json.hpp"
#include "jsonpath/template.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>

namespace {

using namespace kiln;

/// Keeps the compiler from leaving out what is measured.
void keep(const void* value) {
    asm volatile("" : : "g"(value) : "memory");
}

template <typename Work>
double nanoseconds(std::size_t rounds, Work&& work) {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < rounds; ++i) {
        work();
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    return took.count() / static_cast<double>(rounds);
}

class NoWorld : public jsonpath::World {
  public:
    std::uint64_t random_bits() override { return 1; }

    std::string uuid() override { return {}; }
};

json::value order() {
    json::array items;
    for (int i = 0; i < 100; ++i) {
        items.push_back({{"id", i}, {"price", i * 0.5}, {"name", "item"}});
    }
    return {{"order", {{"customer", {{"name", "Ada"}}}, {"items", std::move(items)}}}};
}

}  // namespace

int main(int count, char** words) {
    const std::size_t rounds = count > 1 ? std::strtoull(words[1], nullptr, 10) : 2'000'000;
    const auto document = order();
    const auto path = jsonpath::Path::compile("$.order.items[7].price");
    const auto filter = jsonpath::Path::compile("$.order.items[?(@.price > 10)].id");
    const auto made = jsonpath::Template::compile(
        {{"who.$", "$.order.customer.name"}, {"text.$", "States.Format('{}', $.order.items[1].id)"}}
    );
    const jsonpath::Resolver documents = [&](const jsonpath::Root&) { return &document; };
    NoWorld world;
    const json::object row{
        {"plain_ns",
         nanoseconds(
             rounds,
             [&] {
                 const auto* order = document.get_object().if_contains("order");
                 const auto* items = order->get_object().if_contains("items");
                 keep(items->get_array()[7].get_object().if_contains("price"));
             }
         )},
        {"path_ns", nanoseconds(rounds, [&] { keep(path.match(document).get()); })},
        {"filter_of_100_ns",
         nanoseconds(rounds / 100, [&] { keep(filter.match(document).get()); })},
        {"template_ns",
         nanoseconds(
             rounds / 10,
             [&] {
                 const auto value = made.render(documents, world);
                 keep(&value);
             }
         )},
        {"compile_ns",
         nanoseconds(
             rounds / 10,
             [&] {
                 const auto compiled = jsonpath::Path::compile("$.order.items[7].price");
                 keep(&compiled);
             }
         )},
    };
    std::cout << json::serialize(row) << '\n';
}
