#include "queue/directory.hpp"

namespace kiln::queue {

namespace {

/// The next names that `wanted` lets through, one page of them.
template <class Iterator, class Wanted>
NamePage page(Iterator from, Iterator end, std::size_t at_most, Wanted&& wanted) {
    NamePage found;
    for (; from != end; ++from) {
        if (!wanted(*from)) {
            continue;
        }
        if (found.names.size() == at_most) {
            found.more = found.names.empty() ? std::string{} : found.names.back();
            return found;
        }
        found.names.push_back(from->first);
    }
    return found;
}

}  // namespace

void Directory::put(DefinitionPtr definition) {
    auto name = definition->name;
    definitions_.lock()->insert_or_assign(std::move(name), std::move(definition));
}

void Directory::remove(const std::string& name) {
    definitions_.lock()->erase(name);
}

DefinitionPtr Directory::find(std::string_view name) const {
    auto definitions = definitions_.lock();
    const auto found = definitions->find(name);
    return found == definitions->end() ? nullptr : found->second;
}

NamePage Directory::list(std::string_view prefix, std::string_view after, std::size_t at_most)
    const {
    auto definitions = definitions_.lock();
    auto from = definitions->lower_bound(prefix);
    if (!after.empty() && after >= prefix) {
        from = definitions->upper_bound(after);
    }
    auto end = from;
    while (end != definitions->end() && end->first.starts_with(prefix)) {
        ++end;
    }
    return page(from, end, at_most, [](const auto&) { return true; });
}

NamePage Directory::dead_letter_sources(
    std::string_view queue, std::string_view after, std::size_t at_most
) const {
    auto definitions = definitions_.lock();
    return page(
        definitions->upper_bound(after),
        definitions->end(),
        at_most,
        [&](const auto& entry) {
            const auto& redrive = entry.second->redrive;
            return redrive && redrive->dead_letter_queue == queue;
        }
    );
}

}  // namespace kiln::queue
