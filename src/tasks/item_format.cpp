#include "tasks/item_format.hpp"

#include "flow/task_runner.hpp"
#include "tasks/csv.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace kiln::tasks {

namespace {

constexpr std::string_view kNotIterable = "Attempting to map over non-iterable node.";

template <class T, std::size_t N>
T word_of(
    const json::object& config,
    std::string_view member,
    const std::array<std::pair<std::string_view, T>, N>& words,
    T fallback
) {
    const auto* value = config.if_contains(member);
    if (value == nullptr || value->is_null()) {
        return fallback;
    }
    for (const auto& [word, meaning] : words) {
        if (value->is_string() && value->get_string() == word) {
            return meaning;
        }
    }
    fail_reading(fmt::format(
        "{} {} is not supported.", member, value->is_string() ? value->get_string() : "of this type"
    ));
}

char delimiter_of(const json::object& config) {
    return word_of<char, 5>(
        config,
        "CSVDelimiter",
        {{{"COMMA", ','}, {"PIPE", '|'}, {"SEMICOLON", ';'}, {"SPACE", ' '}, {"TAB", '\t'}}},
        ','
    );
}

std::optional<InputType> input_of(const json::object& config) {
    return word_of<std::optional<InputType>, 5>(
        config,
        "InputType",
        {{{"JSON", InputType::json},
          {"JSONL", InputType::jsonl},
          {"CSV", InputType::csv},
          {"PARQUET", InputType::parquet},
          {"MANIFEST", InputType::manifest}}},
        std::nullopt
    );
}

ManifestKind manifest_of(const json::object& config, std::optional<InputType> input) {
    return word_of<ManifestKind, 2>(
        config,
        "ManifestType",
        {{{"ATHENA_DATA", ManifestKind::athena_data},
          {"S3_INVENTORY", ManifestKind::s3_inventory}}},
        input == InputType::manifest ? ManifestKind::s3_inventory : ManifestKind::none
    );
}

std::optional<std::vector<std::string>> headers_of(const json::object& config) {
    const bool given = word_of<bool, 2>(
        config, "CSVHeaderLocation", {{{"FIRST_ROW", false}, {"GIVEN", true}}}, false
    );
    if (!given) {
        return std::nullopt;
    }
    std::vector<std::string> out;
    const auto* names = config.if_contains("CSVHeaders");
    if (names == nullptr || !names->is_array()) {
        fail_reading("CSVHeaders are missing, although CSVHeaderLocation is GIVEN.");
    }
    for (const auto& name : names->get_array()) {
        if (!name.is_string()) {
            fail_reading("CSVHeaders must be strings.");
        }
        out.emplace_back(name.get_string());
    }
    return out;
}

std::size_t most_of(const json::object& config) {
    const auto* value = config.if_contains("MaxItems");
    if (value == nullptr || value->is_null()) {
        return std::numeric_limits<std::size_t>::max();
    }
    boost::system::error_code bad;
    const auto number = value->to_number<std::int64_t>(bad);
    if (bad || number <= 0) {
        fail_reading("field MaxItems must be positive");
    }
    return static_cast<std::size_t>(number);
}

json::value parsed(std::string_view text) {
    boost::system::error_code bad;
    auto value = json::parse(text, bad);
    if (bad) {
        fail_reading(fmt::format("The file is not valid JSON: {}", bad.message()));
    }
    return value;
}

void add_json(std::string_view text, const ReaderConfig& config, json::array& items) {
    auto document = parsed(text);
    boost::system::error_code bad;
    auto* node = config.pointer.empty() ? &document : document.find_pointer(config.pointer, bad);
    if (node == nullptr) {
        fail_reading(fmt::format("ItemsPointer '{}' points to nothing.", config.pointer));
    }
    if (!node->is_array()) {
        fail_reading(std::string{kNotIterable});
    }
    for (auto& item : node->get_array()) {
        if (items.size() >= config.max_items) {
            return;
        }
        items.push_back(std::move(item));
    }
}

void add_lines(std::string_view text, const ReaderConfig& config, json::array& items) {
    while (!text.empty() && items.size() < config.max_items) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
            items.push_back(parsed(line));
        }
    }
}

void check_headers(std::vector<std::string> headers) {
    std::sort(headers.begin(), headers.end());
    if (std::adjacent_find(headers.begin(), headers.end()) != headers.end()) {
        fail_reading("CSV headers cannot contain duplicates.");
    }
}

void add_rows(std::string_view text, const ReaderConfig& config, json::array& items) {
    CsvReader reader{text, config.delimiter};
    const auto headers = config.headers ? config.headers : reader.next();
    if (!headers) {
        return;
    }
    check_headers(*headers);
    while (items.size() < config.max_items) {
        const auto row = reader.next();
        if (!row) {
            return;
        }
        json::object item;
        for (std::size_t i = 0; i < headers->size(); ++i) {
            item[headers->at(i)] = i < row->size() ? row->at(i) : "";
        }
        items.push_back(std::move(item));
    }
}

}  // namespace

void fail_reading(std::string cause) {
    throw flow::TaskFailure{"States.ItemReaderFailed", std::move(cause)};
}

ReaderConfig read_config(const json::object& config) {
    ReaderConfig out;
    out.input = input_of(config);
    out.manifest = manifest_of(config, out.input);
    out.load_and_flatten = word_of<bool, 2>(
        config, "Transformation", {{{"NONE", false}, {"LOAD_AND_FLATTEN", true}}}, false
    );
    out.delimiter = delimiter_of(config);
    out.headers = headers_of(config);
    if (const auto* pointer = config.if_contains("ItemsPointer");
        pointer != nullptr && pointer->is_string()) {
        out.pointer = pointer->get_string();
    }
    out.max_items = most_of(config);
    return out;
}

void add_items(std::string_view text, const ReaderConfig& config, json::array& items) {
    switch (config.input.value_or(InputType::json)) {
        case InputType::json:
            return add_json(text, config, items);
        case InputType::jsonl:
            return add_lines(text, config, items);
        case InputType::csv:
        case InputType::manifest:  // the files of an inventory
            return add_rows(text, config, items);
        case InputType::parquet:
            fail_reading("InputType PARQUET is not supported by this engine.");
    }
}

}  // namespace kiln::tasks
