//! Sizes and offsets, computed for each data model and never typed in.

use super::ty::{Scalar, Ty};

/// How wide the basic types are, and how they are aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataModel {
    /// 64-bit pointers and longs: Linux and macOS.
    Lp64,
    /// 64-bit pointers, 32-bit longs: 64-bit Windows.
    Llp64,
    /// 32-bit pointers, 64-bit integers aligned to 4: i386 except Windows.
    Ilp32,
    /// 32-bit pointers, 64-bit integers aligned to 8: 32-bit Arm and 32-bit Windows.
    Ilp32Align8,
    /// As [`DataModel::Lp64`], most significant byte first: s390x.
    Lp64Be,
}

/// Every data model.
pub const DATA_MODELS: &[DataModel] = &[
    DataModel::Lp64,
    DataModel::Llp64,
    DataModel::Ilp32,
    DataModel::Ilp32Align8,
    DataModel::Lp64Be,
];

impl DataModel {
    /// Its name in the manifest and in `inventory.json`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DataModel::Lp64 => "lp64",
            DataModel::Llp64 => "llp64",
            DataModel::Ilp32 => "ilp32",
            DataModel::Ilp32Align8 => "ilp32-align8",
            DataModel::Lp64Be => "lp64-be",
        }
    }

    /// Bytes of a pointer.
    #[must_use]
    pub fn pointer(self) -> u32 {
        match self {
            DataModel::Lp64 | DataModel::Llp64 | DataModel::Lp64Be => 8,
            DataModel::Ilp32 | DataModel::Ilp32Align8 => 4,
        }
    }

    fn align_of_8(self) -> u32 {
        if self == DataModel::Ilp32 { 4 } else { 8 }
    }
}

/// Size and alignment of a type, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Bytes.
    pub size: u32,
    /// Bytes.
    pub align: u32,
}

/// One field of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// The data models that have it; all when empty.
    pub models: Vec<DataModel>,
    /// What it holds.
    pub doc: Option<String>,
}

impl Field {
    /// Whether a data model has the field.
    #[must_use]
    pub fn is_in(&self, model: DataModel) -> bool {
        self.models.is_empty() || self.models.contains(&model)
    }
}

/// Where a field lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its name.
    pub name: String,
    /// Bytes from the start of the struct.
    pub offset: u32,
    /// Bytes.
    pub size: u32,
}

/// A struct laid out for one data model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaidOut {
    /// The whole struct.
    pub extent: Extent,
    /// Its fields.
    pub fields: Vec<Placed>,
}

/// Lays a struct out as C does. `named` gives the extent of a struct that a field names.
pub fn lay_out(
    fields: &[Field],
    model: DataModel,
    named: &dyn Fn(&str) -> Option<Extent>,
) -> Option<LaidOut> {
    let mut offset = 0;
    let mut align = 1;
    let mut placed = Vec::new();
    for field in fields.iter().filter(|field| field.is_in(model)) {
        let extent = extent(&field.ty, model, named)?;
        offset = round_up(offset, extent.align);
        placed.push(Placed {
            name: field.name.clone(),
            offset,
            size: extent.size,
        });
        offset += extent.size;
        align = align.max(extent.align);
    }
    Some(LaidOut {
        extent: Extent {
            size: round_up(offset, align),
            align,
        },
        fields: placed,
    })
}

fn extent(ty: &Ty, model: DataModel, named: &dyn Fn(&str) -> Option<Extent>) -> Option<Extent> {
    let natural = |size| Extent { size, align: size };
    Some(match ty {
        Ty::Void => return None,
        Ty::Scalar(scalar) => match scalar {
            Scalar::Int | Scalar::UInt | Scalar::U32 => natural(4),
            Scalar::U8 => natural(1),
            Scalar::U16 => natural(2),
            Scalar::I64 | Scalar::U64 => Extent {
                size: 8,
                align: model.align_of_8(),
            },
            Scalar::Size | Scalar::SSize | Scalar::UIntPtr => natural(model.pointer()),
        },
        Ty::Object | Ty::NullableObject | Ty::Ptr { .. } | Ty::CStr | Ty::FnPtr => {
            natural(model.pointer())
        }
        Ty::Named(name) => named(name)?,
    })
}

fn round_up(offset: u32, align: u32) -> u32 {
    offset.div_ceil(align) * align
}
