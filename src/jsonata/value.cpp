#include "jsonata/value.hpp"

#include <algorithm>

namespace kiln::jsonata {

namespace {

constexpr std::uint32_t kFewEntries = 8;

}  // namespace

Value Value::of(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return null();
        case json::kind::bool_:
            return of(value.get_bool());
        case json::kind::int64:
            return of(static_cast<double>(value.get_int64()));
        case json::kind::uint64:
            return of(static_cast<double>(value.get_uint64()));
        case json::kind::double_:
            return of(value.get_double());
        case json::kind::string:
            return of(std::string_view{value.get_string()});
        case json::kind::array: {
            auto out = of_kind(Kind::json_array);
            out.json_array = &value.get_array();
            return out;
        }
        case json::kind::object: {
            auto out = of_kind(Kind::json_object);
            out.json_object = &value.get_object();
            return out;
        }
    }
    return {};
}

void Array::reserve(Arena& arena, std::size_t count) {
    if (count <= capacity_) {
        return;
    }
    auto* const items = arena.array<Value>(count);
    for (std::size_t index = 0; index < size_; ++index) {
        items[index] = at(index);
    }
    items_ = items;
    capacity_ = static_cast<std::uint32_t>(count);
}

void Array::set_range(double first, std::size_t count) {
    first_ = first;
    size_ = static_cast<std::uint32_t>(count);
}

void Array::share(Value array) {
    if (array.kind == Kind::json_array) {
        borrowed_ = array.json_array;
        size_ = static_cast<std::uint32_t>(array.json_array->size());
        return;
    }
    items_ = array.array->items_;
    borrowed_ = array.array->borrowed_;
    first_ = array.array->first_;
    size_ = array.array->size_;
}

Object::Entry* Object::find(std::string_view key) const noexcept {
    if (index_ == nullptr) {
        for (auto* entry = entries_; entry != entries_ + size_; ++entry) {
            if (entry->key == key) {
                return entry;
            }
        }
        return nullptr;
    }
    const auto mask = index_size_ - 1;
    for (auto slot = static_cast<std::uint32_t>(std::hash<std::string_view>{}(key)) & mask;
         index_[slot] != kFree;
         slot = (slot + 1) & mask) {
        if (entries_[index_[slot] - 1].key == key) {
            return &entries_[index_[slot] - 1];
        }
    }
    return nullptr;
}

Value Object::get(std::string_view key) const noexcept {
    const auto* const entry = find(key);
    return entry == nullptr ? Value{} : entry->value;
}

void Object::insert_index(std::uint32_t number) noexcept {
    const auto mask = index_size_ - 1;
    auto slot =
        static_cast<std::uint32_t>(std::hash<std::string_view>{}(entries_[number].key)) & mask;
    while (index_[slot] != kFree) {
        slot = (slot + 1) & mask;
    }
    index_[slot] = number + 1;
}

void Object::build_index(Arena& arena) {
    index_size_ = capacity_ * 2;
    index_ = arena.array<std::uint32_t>(index_size_);
    for (std::uint32_t number = 0; number < size_; ++number) {
        insert_index(number);
    }
}

void Object::set(Arena& arena, std::string_view key, Value value) {
    if (auto* const entry = find(key)) {
        entry->value = value;
        return;
    }
    if (size_ == capacity_) {
        const auto capacity = capacity_ == 0 ? 4 : capacity_ * 2;
        auto* const entries = arena.array<Entry>(capacity);
        std::copy_n(entries_, size_, entries);
        entries_ = entries;
        capacity_ = capacity;
        if (size_ >= kFewEntries) {
            build_index(arena);
        }
    }
    entries_[size_++] = {key, value};
    if (index_ != nullptr) {
        insert_index(size_ - 1);
    }
}

void Object::erase(std::string_view key) noexcept {
    auto* const entry = find(key);
    if (entry == nullptr) {
        return;
    }
    std::copy(entry + 1, entries_ + size_, entry);
    --size_;
    if (index_ != nullptr) {
        std::fill_n(index_, index_size_, kFree);
        for (std::uint32_t number = 0; number < size_; ++number) {
            insert_index(number);
        }
    }
}

std::size_t member_count(Value value) {
    return value.kind == Kind::object ? value.object->entries().size() : value.json_object->size();
}

Value member_of(Value value, std::string_view key) {
    if (value.kind == Kind::object) {
        return value.object->get(key);
    }
    const auto* const found = value.json_object->if_contains(key);
    return found == nullptr ? Value{} : Value::of(*found);
}

}  // namespace kiln::jsonata
