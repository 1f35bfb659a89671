using System.Reflection;
using System.Runtime.CompilerServices;

namespace Fovea.Tests.Architecture;

/// <summary>
/// The public surface as text, so that a change to it shows in review. After a wanted change run the tests once with
/// FOVEA_ACCEPT_API=1 and commit the rewritten file.
/// </summary>
public class PublicApiTests
{
    [Theory]
    [InlineData(typeof(Fovea.Torch.Tensor))]
    [InlineData(typeof(Fovea.Imaging.Image))]
    public void The_public_surface_is_the_recorded_one(Type inAssembly)
    {
        var assembly = inAssembly.Assembly;
        var file = Path.Combine(TestRepository.Root, "tests", "Fovea.Tests", "Architecture", $"PublicApi.{assembly.GetName().Name}.txt");
        var actual = string.Join('\n', Describe(assembly)) + "\n";
        if (Environment.GetEnvironmentVariable("FOVEA_ACCEPT_API") == "1")
            File.WriteAllText(file, actual);
        var expected = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        var added = actual.Split('\n').Except(expected.Split('\n')).Select(l => "+ " + l);
        var removed = expected.Split('\n').Except(actual.Split('\n')).Select(l => "- " + l);
        Assert.True(expected == actual, $"the public surface of {assembly.GetName().Name} changed:\n{string.Join('\n', removed.Concat(added).Take(40))}\nIf that is wanted, run with FOVEA_ACCEPT_API=1 and commit {Path.GetFileName(file)}.");
    }

    private static IEnumerable<string> Describe(Assembly assembly) =>
        assembly.GetExportedTypes().Select(t => (Name: NameOf(t), Type: t)).OrderBy(t => t.Name, StringComparer.Ordinal).SelectMany(t => DescribeType(t.Name, t.Type));

    private static IEnumerable<string> DescribeType(string name, Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : type is { IsAbstract: true, IsSealed: true } ? "static class" : "class";
        yield return $"{kind} {name}{(type.BaseType is { } parent && parent != typeof(object) && !type.IsValueType ? " : " + NameOf(parent) : "")}";
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var lines = type.GetMembers(all).Select(Describe).OfType<string>().Distinct().Order(StringComparer.Ordinal);
        foreach (var line in lines)
            yield return "    " + line;
    }

    private static string? Describe(MemberInfo member) => member switch
    {
        _ when member.IsDefined(typeof(CompilerGeneratedAttribute)) && member is not MethodBase { IsSpecialName: true } => null,
        ConstructorInfo c when IsVisible(c) => $".ctor({Parameters(c)})",
        MethodInfo m when IsVisible(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal)) && !m.Name.Contains('<', StringComparison.Ordinal) =>
            $"{(m.IsStatic ? "static " : "")}{NameOf(m.ReturnType)} {m.Name}{Generics(m)}({Parameters(m)})",
        PropertyInfo p when p.GetAccessors(true).Any(IsVisible) && p.Name != "EqualityContract" =>
            $"{NameOf(p.PropertyType)} {p.Name} {{{(p.GetMethod is { } g && IsVisible(g) ? " get;" : "")}{(p.SetMethod is { } s && IsVisible(s) ? " set;" : "")} }}",
        FieldInfo { IsPublic: true, IsSpecialName: false } f => f.IsLiteral ? $"const {NameOf(f.FieldType)} {f.Name} = {f.GetRawConstantValue()}" : $"{NameOf(f.FieldType)} {f.Name}",
        EventInfo e => $"event {e.Name}",
        _ => null,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Generics(MethodInfo method) => method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(NameOf))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p => $"{NameOf(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? " = " + (p.RawDefaultValue ?? "null") : "")}"));

    private static string NameOf(Type type)
    {
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsArray)
            return NameOf(type.GetElementType()!) + "[]";
        var name = type.IsNested ? $"{NameOf(type.DeclaringType!)}.{type.Name}" : type.Namespace?.StartsWith("Fovea", StringComparison.Ordinal) == true ? $"{type.Namespace}.{type.Name}" : type.Name;
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? name : $"{name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
    }
}
