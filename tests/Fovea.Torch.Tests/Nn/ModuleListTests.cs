using Fovea.Torch.Nn;

namespace Fovea.Torch.Tests.Nn;

[LeakCheck]
public class ModuleListTests
{
    [Fact]
    public void Enumeration_and_index_give_the_modules_in_order()
    {
        using var first = new Linear(2, 3);
        using var second = new Linear(3, 4);
        using var list = new ModuleList<Linear>(first, second);
        Assert.Equal([first, second], list);
        Assert.Equal(2, list.Count);
        Assert.Same(second, list[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => list[2]);
        using var none = new ModuleList<Linear>();
        Assert.Empty(none);
        Assert.Empty(none.StateDict());
    }

    [Fact]
    public void Keys_are_numbers_also_of_what_is_added_later()
    {
        using var list = new ModuleList<Layer>(new Linear(2, 3), new ReLU());
        list.Add(new BatchNorm1d(3));
        Assert.Equal(["0", "1", "2"], list.Children.Select(static c => c.Key));
        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias", "2.running_mean", "2.running_var", "2.num_batches_tracked"], list.StateDict().Select(static t => t.Key));
        Assert.Equal(2 * 3 + 3 + 3 + 3, list.ParameterCount());
        Assert.Same(list[2], list.Find("2"));
        list[0].Freeze();
        Assert.Equal(3 + 3, list.ParameterCount());
    }

    [Fact]
    public void Lists_nest()
    {
        using var owner = new Owner();
        Assert.Equal(["stages.0.0.weight", "stages.0.1.weight", "stages.1.0.weight"], owner.StateDict().Select(static t => t.Key));
        Assert.Equal(1 * 2 + 2 * 3 + 3 * 4, owner.ParameterCount());
        Assert.Same(owner.Stages[0][1], owner.Find("stages.0.1"));
        Assert.Equal(3, owner.Stages.SelectMany(static stage => stage).Count());
    }

    [Fact]
    public void Modes_conversion_and_state_reach_every_module()
    {
        using var owner = new Owner();
        owner.Eval();
        Assert.All(owner.Stages.SelectMany(static stage => stage), static layer => Assert.False(layer.IsTraining));
        owner.Train();
        Assert.All(owner.Stages.SelectMany(static stage => stage), static layer => Assert.True(layer.IsTraining));
        owner.To(dtype: Dtype.Float64);
        Assert.All(owner.Stages.SelectMany(static stage => stage), static layer => Assert.Equal(Dtype.Float64, layer.Weight.Dtype));
        owner.Freeze();
        Assert.Equal(0, owner.ParameterCount());
    }

    [Fact]
    public void A_module_that_joins_takes_on_nothing_and_is_freed_with_the_list()
    {
        var list = new ModuleList<Linear>();
        list.Eval();
        var late = new Linear(1, 1);
        list.Add(late);
        Assert.True(late.IsTraining);
        list.Eval();
        Assert.False(late.IsTraining);
        list.Dispose();
        Assert.True(late.Weight.IsDisposed);
    }

    private sealed class Owner : Module
    {
        public Owner() => Stages = Child("stages", new ModuleList<ModuleList<Linear>>(
            new ModuleList<Linear>(new Linear(1, 2, hasBias: false), new Linear(2, 3, hasBias: false)),
            new ModuleList<Linear>(new Linear(3, 4, hasBias: false))));

        public ModuleList<ModuleList<Linear>> Stages { get; }
    }
}
