using System.Globalization;
using System.Reflection;

namespace Fovea.Training.Recipes;

/// <summary>Gives the values of a recipe their types. It collects every fault before it gives up.</summary>
internal sealed class RecipeBinder
{
    private readonly List<string> problems = [];
    private readonly Dictionary<string, string> origins = new(StringComparer.Ordinal);

    private RecipeBinder()
    {
    }

    /// <exception cref="FoveaException">There are faults; the message has them all.</exception>
    public static Recipe Bind(RecipeValue root)
    {
        var binder = new RecipeBinder();
        var recipe = (Recipe)binder.Section(typeof(Recipe), root, "");
        if (binder.problems.Count == 0)
        {
            foreach (var (key, text) in RecipeChecks.Problems(recipe))
                binder.problems.Add($"{binder.OriginOf(key) ?? root.Origin}: {key}: {text}");
        }

        return binder.problems.Count == 0 ? recipe : throw new FoveaException(string.Join("; ", binder.problems));
    }

    /// <summary>A section by itself.</summary>
    /// <exception cref="FoveaException">There are faults; the message has them all.</exception>
    public static T BindSection<T>(RecipeValue root)
    {
        var binder = new RecipeBinder();
        var section = (T)binder.Section(typeof(T), root, "");
        return binder.problems.Count == 0 ? section : throw new FoveaException(string.Join("; ", binder.problems));
    }

    private string? OriginOf(string key) => origins.TryGetValue(key, out var origin) ? origin
        : key.LastIndexOf('.') is var dot and > 0 ? OriginOf(key[..dot]) : null;

    private object Section(Type type, RecipeValue value, string path)
    {
        var section = Activator.CreateInstance(type)!;
        if (value.EntryMap is null && !value.IsNull)
        {
            Fault(value, path, $"found {value}, expected keys with values");
            return section;
        }

        var entries = value.EntryMap ?? [];
        var keys = RecipeShape.Keys(type);
        foreach (var (key, property) in keys)
        {
            if (entries.TryGetValue(key, out var entry))
            {
                origins[Join(path, key)] = entry.Origin;
                Set(section, property, entry, Join(path, key));
            }
            else if (RecipeShape.IsRequired(property) && !IsMisspelt(key, entries.Keys, keys.Select(static known => known.Key)))
            {
                Fault(value, Join(path, key), $"found nothing, expected {Expectation(property.PropertyType)}");
            }
        }

        foreach (var (key, entry) in entries)
        {
            if (keys.FirstOrDefault(known => known.Key == key).Property is not { } property)
                Fault(entry, Join(path, key), $"there is no such key{Suggestion(key, keys.Select(static known => known.Key))}");
            else if (problems.Count == 0 && !RecipeShape.Applies(property, section))
                Fault(entry, Join(path, key), $"has no meaning here, it is only for {string.Join(", ", property.GetCustomAttribute<OnlyForAttribute>()!.Names)}");
        }

        return section;
    }

    private void Set(object section, PropertyInfo property, RecipeValue entry, string path)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (entry.IsNull && RecipeShape.AllowsNull(property))
        {
            property.SetValue(section, null);
            return;
        }

        if (Convert(type, entry, path, property) is { } converted)
            property.SetValue(section, converted);
    }

    /// <summary>The value as an object of the type; null after a fault.</summary>
    private object? Convert(Type type, RecipeValue value, string path, PropertyInfo property)
    {
        if (type == typeof(RecipeValue))
            return value;
        if (type == typeof(TransformStep))
            return Step(value, path);
        if (RecipeShape.ListElement(type) is { } element)
            return List(element, value, path, property);
        if (RecipeShape.MapValue(type) is { } mapped)
            return Map(mapped, value, path, property);
        if (RecipeShape.IsSection(type))
            return Section(type, value, path);
        if (value.Text is { } text)
            return Scalar(type, text, value, path, property);
        return Fault(value, path, $"found {value}, expected {Expectation(type)}");
    }

    private object? Scalar(Type type, string text, RecipeValue value, string path, PropertyInfo property)
    {
        if (type == typeof(string))
            return text;
        if (type == typeof(bool))
            return bool.TryParse(text, out var truth) ? truth : Fault(value, path, $"found '{text}', expected true or false");
        if (type.IsEnum)
        {
            var names = Enum.GetNames(type).ToDictionary(RecipeShape.SnakeCase, name => Enum.Parse(type, name));
            return names.GetValueOrDefault(text) ?? Fault(value, path, $"found '{text}', expected {Expectation(type)}{NearestName.Suggest(text, names.Keys)}");
        }

        object number;
        if (type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            number = integer;
        else if (type == typeof(double) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real))
            number = real;
        else
            return Fault(value, path, $"found '{text}', expected {Expectation(type)}");
        var asDouble = System.Convert.ToDouble(number, CultureInfo.InvariantCulture);
        return property.GetCustomAttribute<WithinAttribute>() is { } within && !within.Allows(asDouble)
            ? Fault(value, path, $"found {text}, expected {within}")
            : number;
    }

    private object? List(Type element, RecipeValue value, string path, PropertyInfo property)
    {
        if (value.IsNull || (value.EntryMap is not null && !RecipeShape.IsSection(element)))
            return Fault(value, path, $"found {value}, expected a list");
        var items = value.ItemList ?? [value];
        if (property.GetCustomAttribute<CountsAttribute>() is { } counts && !counts.Counts.Contains(items.Count))
            return Fault(value, path, $"found {Counted.Of(items.Count, "entry")}, expected {string.Join(" or ", counts.Counts)}");
        var list = Array.CreateInstance(element, items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var item = Convert(element, items[i], items.Count == 1 && value.ItemList is null ? path : $"{path}.{i}", property);
            if (item is not null)
                list.SetValue(item, i);
        }

        return list;
    }

    private object? Map(Type mapped, RecipeValue value, string path, PropertyInfo property)
    {
        if (value.EntryMap is null && !value.IsNull)
            return Fault(value, path, $"found {value}, expected names with values");
        var entries = (value.EntryMap ?? []).ToDictionary(static entry => entry.Key, entry => Convert(mapped, entry.Value, Join(path, entry.Key), property));
        return mapped == typeof(string)
            ? entries.Where(static entry => entry.Value is not null).ToDictionary(static entry => entry.Key, static entry => (string)entry.Value!)
            : entries.ToDictionary(static entry => entry.Key, static entry => (RecipeValue)entry.Value!);
    }

    private object? Step(RecipeValue value, string path)
    {
        var parameters = new Dictionary<string, RecipeValue>();
        if (value.Text is { } name)
            return new TransformStep(name, parameters, value.Origin);
        if (value.EntryMap is not { Count: 1 } entries)
            return Fault(value, path, $"found {value}, expected the name of a transform, or one name with its parameters (- flip: {{probability: 0.5}})");
        var (key, inner) = entries.GetAt(0);
        if (inner.EntryMap is null && !inner.IsNull)
            return Fault(value, path, $"found {inner} under {key}, expected parameters by name (- {key}: {{name: value}})");
        return new TransformStep(key, inner.EntryMap ?? [], value.Origin);
    }

    // The error of the misspelt key offers the right one; that it is missing besides needs no saying.
    private static bool IsMisspelt(string key, IEnumerable<string> given, IEnumerable<string> known)
    {
        var names = known.ToList();
        return given.Any(name => !names.Contains(name) && NearestName.Find(name, names) == key);
    }

    private object? Fault(RecipeValue value, string path, string text)
    {
        problems.Add($"{value.Origin}: {(path.Length == 0 ? "" : path + ": ")}{text}");
        return null;
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static string Suggestion(string key, IEnumerable<string> known)
    {
        var names = known.ToList();
        return NearestName.Suggest(key, names) is { Length: > 0 } suggestion ? suggestion : $"; there are {string.Join(", ", names)}";
    }

    private static string Expectation(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(string) => "a text",
        var t when t == typeof(bool) => "true or false",
        var t when t == typeof(int) => "a whole number",
        var t when t == typeof(double) => "a number",
        { IsEnum: true } t => string.Join(", ", Enum.GetNames(t).Select(RecipeShape.SnakeCase)),
        var t when RecipeShape.ListElement(t) is not null => "a list",
        _ => "keys with values",
    };
}
