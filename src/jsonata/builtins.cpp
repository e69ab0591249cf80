#include "jsonata/builtins.hpp"

#include <deque>
#include <unordered_map>
#include <vector>

namespace kiln::jsonata {

namespace {

/// All functions with their signatures, read once.
struct Catalogue {
    std::vector<const Builtin*> list;
    std::deque<Signature> signatures;
    std::unordered_map<std::string_view, std::size_t> by_name;
    std::unordered_map<const Builtin*, std::size_t> numbers;

    Catalogue() {
        for (const auto& functions :
             {string_functions(),
              pattern_functions(),
              url_functions(),
              number_functions(),
              array_functions(),
              object_functions(),
              higher_order_functions(),
              time_functions(),
              aws_functions()}) {
            for (const auto& function : functions) {
                by_name.emplace(function.name, list.size());
                numbers.emplace(&function, list.size());
                list.push_back(&function);
                signatures.emplace_back(function.signature_text);
            }
        }
    }
};

const Catalogue& catalogue() {
    static const Catalogue kCatalogue;
    return kCatalogue;
}

}  // namespace

const Builtin* find_builtin(std::string_view name) {
    const auto found = catalogue().by_name.find(name);
    return found == catalogue().by_name.end() ? nullptr : catalogue().list[found->second];
}

std::size_t number_of(const Builtin& builtin) {
    return catalogue().numbers.at(&builtin);
}

const Signature& signature_of(const Builtin& builtin) {
    return catalogue().signatures[number_of(builtin)];
}

std::size_t builtin_count() {
    return catalogue().list.size();
}

}  // namespace kiln::jsonata
